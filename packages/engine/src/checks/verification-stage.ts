import { rm } from "node:fs/promises";
import { environmentOf } from "@fairway/core";
import type { VerifyParts } from "../rollouts/run-verify.ts";
import { askAndKeep, checkOutRelease } from "../rollouts/run-verify.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import { lastCarriedThrough } from "../store/deployments.ts";
import { revokeVerification, renewVerification } from "../store/revoked-verifications.ts";
import { addressesOf } from "./addresses-of.ts";
import type { VerificationInput } from "./verification-run.ts";
import { retriesOf, verificationStageName } from "./verification-run.ts";

/**
 * Asks an environment's checks again of what runs there, all of them. A no takes the release's word of being verified there
 * away, and all of them saying yes gives it back; what could not be asked does neither. When another release has come meanwhile
 * nobody knows which of the two has answered, so nothing is said of either.
 */
export const verificationStage = (parts: VerifyParts): Stage => ({
  name: verificationStageName,
  async run(attempt: Attempt): Promise<Outcome> {
    const input = attempt.input as unknown as VerificationInput;
    const release = await parts.releaseOf(input.release);
    const environment = environmentOf(release.project, input.environment);
    const checks = (environment?.verify ?? []).filter(({ name }) => input.checks?.includes(name) ?? true);
    if (environment === undefined || checks.length === 0)
      return { outcome: "errored", reason: `${release.id} has nothing to ask in ${input.environment}` };
    const toVerify = {
      environment,
      release,
      workspace: "verify",
      ...addressesOf(parts.places, release.project, environment),
    };
    const workspace = await checkOutRelease(parts, attempt, toVerify);
    const said: {
      readonly name: string;
      readonly status: string;
      readonly summary: string;
      readonly flaky: readonly string[];
    }[] = [];
    for (const check of checks) {
      const asked = await askAndKeep(parts, attempt, toVerify, {
        check,
        step: check.name,
        workspace,
        retries: retriesOf(check),
        occasion: "verification",
      });
      said.push({ name: check.name, status: asked.status, summary: asked.summary, flaky: asked.flaky });
    }
    await rm(workspace, { recursive: true, force: true });
    const flaky = said.flatMap(({ name, flaky: tests }) => tests.map((test) => `${name}: ${test}`));
    const failed = said.filter(({ status }) => status === "failed").map(({ name, summary }) => `${name}: ${summary}`);
    const unknown = said.filter(({ status }) => status === "no-data").map(({ name, summary }) => `${name}: ${summary}`);
    const why = failed.join("\n");
    const isWhole = checks.length === environment.verify.length;
    const became = await attempt.step("judge", () =>
      judge(parts, attempt, input, { why, isWell: failed.length + unknown.length === 0 && isWhole }),
    );
    const note = flaky.length === 0 ? "" : `flaky: ${flaky.join(", ")}`;
    if (became === "moved")
      return {
        outcome: "errored",
        reason: `${input.environment} has moved on from ${release.id} meanwhile: nothing is said of it`,
      };
    if (failed.length > 0) {
      const lost =
        became === "revoked" ? [`${release.id} does not count as verified in ${input.environment} any more`] : [];
      return {
        outcome: "failed",
        reason: [...lost, ...failed, ...unknown, note].filter((line) => line !== "").join("\n"),
      };
    }
    if (unknown.length > 0) return { outcome: "errored", reason: unknown.join("\n") };
    const again = became === "renewed" ? `${release.id} counts as verified in ${input.environment} again` : "";
    const summary = [again, note].filter((line) => line !== "").join("; ");
    return { outcome: "succeeded", result: { flaky }, ...(summary === "" ? {} : { summary }) };
  },
});

type Became = "moved" | "revoked" | "renewed" | "same";

async function judge(
  { store }: VerifyParts,
  attempt: Attempt,
  { environment, release }: VerificationInput,
  found: { readonly why: string; readonly isWell: boolean },
): Promise<Became> {
  const current = await lastCarriedThrough(store, environment);
  if (current?.release !== release || (await isHeld(store, environment))) return "moved";
  const about = { environment, release, run: attempt.run };
  if (found.why !== "") {
    await revokeVerification(store, { ...about, why: found.why }, "fairway");
    return "revoked";
  }
  if (!found.isWell) return "same";
  return (await store.transaction((tx) => renewVerification(tx, about))) ? "renewed" : "same";
}

/** Whether a deployment is changing it: its services may be of two releases by now. */
async function isHeld(store: VerifyParts["store"], environment: string): Promise<boolean> {
  const found = await store.rows(
    "select 1 from fairway.environment_locks where environment = $1 and holder_run is not null",
    [environment],
  );
  return found.length > 0;
}
