import type { SecretSource } from "@fairway/core";
import { addressName, FairwayError } from "@fairway/core";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import type { ProbeInput } from "./duty-run-plan.ts";
import { dutyStages } from "./duty-run-plan.ts";
import { lineTrouble, probeAddress, probeRequest } from "./probe-request.ts";

/** Asks whether a key works. Of the answer its status and its time are kept, and never what it says. */
export const probeStage = ({ secrets }: { readonly secrets: SecretSource }): Stage => ({
  name: dutyStages.probe,
  async run(attempt: Attempt): Promise<Outcome> {
    const { environment, probe } = attempt.input as unknown as ProbeInput;
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

async function valueOf(secrets: SecretSource, environment: string, name: string): Promise<string> {
  const value = (await secrets.lookUp(environment, [name]))[name];
  if (value !== undefined) return value;
  throw new FairwayError("secret_missing", `${environment} has no value for ${name}`, {
    hint: `give it a value: fairway secrets set ${name} --env ${environment}`,
  });
}
