import type { AwsKeyProbe, SecretSource } from "@fairway/core";
import { addressName, codeOf, FairwayError, messageOf } from "@fairway/core";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import type { Places } from "../rollouts/places.ts";
import type { ProbeInput } from "./duty-run-plan.ts";
import { dutyStages } from "./duty-run-plan.ts";
import { lineTrouble, probeAddress, probeRequest } from "./probe-request.ts";

interface ProbeParts {
  readonly secrets: SecretSource;
  /** Who asks AWS; nobody when left out. */
  readonly places?: Pick<Places, "tryAwsKey"> | undefined;
}

/** Asks whether a key works. Of the answer its status and its time are kept, and never what it says. */
export const probeStage = ({ secrets, places }: ProbeParts): Stage => ({
  name: dutyStages.probe,
  async run(attempt: Attempt): Promise<Outcome> {
    const { environment, probe } = attempt.input as unknown as ProbeInput;
    if (probe.kind === "awsKey") return awsKeyOutcome(attempt, probe, { secrets, places, environment });
    const asked = await attempt.step("ask", async () => {
      const named = addressName(probe);
      const at = probeAddress(probe, named === null ? null : await valueOf(secrets, environment, named));
      attempt.progress(`asking ${at.host}`);
      const key = probe.secret === null ? "" : await valueOf(secrets, environment, probe.secret);
      const { url, headers } = probeRequest(probe, at, key);
      const began = performance.now();
      const signal = AbortSignal.any([attempt.signal, AbortSignal.timeout(probe.timeout)]);
      const answer = await fetch(url, { headers, redirect: "manual", signal })
        .then(async ({ status, body }) => {
          await body?.cancel();
          return { status, why: null };
        })
        .catch((thrown: unknown) => {
          // Who stops it asks for no answer, and gets none that would be kept.
          attempt.signal.throwIfAborted();
          return { status: null, why: lineTrouble(thrown) };
        });
      return { ...answer, host: at.host, ms: Math.round(performance.now() - began) };
    });
    const { host, status, ms } = asked;
    const result = { status, ms };
    if (status === probe.status) return { outcome: "succeeded", result };
    // Without an answer nobody knows whether the key works.
    if (status === null) return { outcome: "errored", reason: `${host} did not answer: ${asked.why}`, result };
    return { outcome: "failed", reason: `${host} answered ${status} and not ${probe.status}`, result };
  },
});

/** What AWS says of a key. Nothing of either is kept but whose it is. */
async function awsKeyOutcome(
  attempt: Attempt,
  probe: AwsKeyProbe,
  { secrets, places, environment }: ProbeParts & { readonly environment: string },
): Promise<Outcome> {
  const asked = await attempt.step("ask", async () => {
    const id = await valueOf(secrets, environment, probe.id);
    const secret = await valueOf(secrets, environment, probe.secret);
    if (places?.tryAwsKey === undefined)
      throw new FairwayError("not_allowed_now", "this daemon has no plug-in that asks AWS", {
        hint: "start it with the plug-in for AWS",
      });
    attempt.progress(`asking AWS in ${probe.region} whose key it is`);
    const began = performance.now();
    const { verdict, summary } = await places
      .tryAwsKey(probe, { id: id.trim(), secret: secret.trim() })
      .catch(unanswered);
    attempt.signal.throwIfAborted();
    return { verdict, summary, ms: Math.round(performance.now() - began) };
  });
  const { verdict, summary } = asked;
  const result = { answer: verdict === "errored" ? null : summary, ms: asked.ms };
  if (verdict === "passed") return { outcome: "succeeded", result };
  return { outcome: verdict === "failed" ? "failed" : "errored", reason: summary, result };
}

/** No answer says nothing of the key; any other trouble is nobody's answer either, and is told as it is. */
function unanswered(thrown: unknown): { readonly verdict: "errored"; readonly summary: string } {
  if (codeOf(thrown) === undefined) throw thrown;
  return { verdict: "errored", summary: messageOf(thrown) };
}

async function valueOf(secrets: SecretSource, environment: string, name: string): Promise<string> {
  const value = (await secrets.lookUp(environment, [name]))[name];
  if (value !== undefined) return value;
  throw new FairwayError("secret_missing", `${environment} has no value for ${name}`, {
    hint: `give it a value: fairway secrets set ${name} --env ${environment}`,
  });
}
