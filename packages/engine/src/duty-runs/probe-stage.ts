import type { SecretSource } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import type { ProbeInput } from "./duty-run-plan.ts";
import { dutyStages } from "./duty-run-plan.ts";

/** Asks whether a key works. Of the answer its status and its time are kept, and never what it says. */
export const probeStage = ({ secrets }: { readonly secrets: SecretSource }): Stage => ({
  name: dutyStages.probe,
  async run(attempt: Attempt): Promise<Outcome> {
    const { environment, probe } = attempt.input as unknown as ProbeInput;
    const { host } = new URL(probe.url);
    attempt.progress(`asking ${host}`);
    const asked = await attempt.step("ask", async () => {
      const value = probe.secret === null ? "" : await valueOf(secrets, environment, probe.secret);
      const headers = Object.entries(probe.headers).map(
        ([name, template]) => [name, template.replaceAll("{{secret}}", () => value)] as const,
      );
      const began = performance.now();
      const signal = AbortSignal.any([attempt.signal, AbortSignal.timeout(probe.timeout)]);
      const answer = await fetch(probe.url, {
        headers: [...headers.map((pair) => [...pair] as [string, string])],
        redirect: "manual",
        signal,
      })
        .then(async ({ status, body }) => {
          await body?.cancel();
          return { status, why: null };
        })
        .catch((thrown: unknown) => {
          // Who stops it asks for no answer, and gets none that would be kept.
          attempt.signal.throwIfAborted();
          return { status: null, why: withoutValue(messageOf(thrown), value) };
        });
      return { ...answer, ms: Math.round(performance.now() - began) };
    });
    if (asked.status === probe.status) return { outcome: "succeeded", result: { status: asked.status, ms: asked.ms } };
    const result = { status: asked.status, ms: asked.ms };
    // Without an answer nobody knows whether the key works.
    if (asked.status === null) return { outcome: "errored", reason: `${host} did not answer: ${asked.why}`, result };
    return { outcome: "failed", reason: `${host} answered ${asked.status} and not ${probe.status}`, result };
  },
});

const withoutValue = (text: string, value: string): string => (value === "" ? text : text.replaceAll(value, "***"));

async function valueOf(secrets: SecretSource, environment: string, name: string): Promise<string> {
  const value = (await secrets.lookUp(environment, [name]))[name];
  if (value !== undefined) return value;
  throw new FairwayError("secret_missing", `${environment} has no value for ${name}`, {
    hint: `give it a value: fairway secrets set ${name} --env ${environment}`,
  });
}
