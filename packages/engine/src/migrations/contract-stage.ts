import { setTimeout as wait } from "node:timers/promises";
import type { Millis } from "@fairway/core";
import { scopeOf } from "@fairway/core";
import type { DeploymentInput } from "../rollouts/deployment-run.ts";
import { rolloutOf } from "../rollouts/rollout.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import type { MigrateParts } from "./migrate-stage.ts";
import { runMigrations } from "./migrate-stage.ts";

/** How long what was left warm may take to end, drained and with its grace. */
const endWithin: Millis = 5 * 60_000;

/**
 * Runs what takes something away from the old version, once nothing of that runs any more: what was kept warm is ended
 * first, for nobody could go back to it. While any of it runs it is refused.
 */
export const contractStage = (parts: MigrateParts): Stage => ({
  name: "contract",
  async run(attempt: Attempt): Promise<Outcome> {
    const input = attempt.input as unknown as DeploymentInput;
    const { plan, service } = input;
    const mine = (plan.migrations ?? []).filter((one) => one.service === service && one.phase === "after-rollout");
    if (mine.length === 0) return { outcome: "succeeded", result: null, summary: "nothing to do" };
    const still = await endOldVersion(parts, attempt, input);
    const ended = still === null ? await runMigrations(parts, attempt, mine) : tooEarly(still);
    if (ended.outcome === "succeeded" || "attention" in ended) return ended;
    const ids = mine.map(({ id }) => id).join(", ");
    return {
      ...ended,
      attention: {
        why: `${plan.environment} runs ${plan.release}, and ${ids} of ${service} is still to be applied: ${ended.reason.split("\n")[0]}`,
        action: `put right what is in its way, then: fairway run retry ${attempt.run}`,
      },
    };
  },
});

const tooEarly = (still: string): Outcome => ({
  outcome: "failed",
  reason: `too early to take away what the old version needs: ${still}`,
});

/** Ends what is left of the old version everywhere. Answers with what runs in spite of that; null when nothing does. */
async function endOldVersion(parts: MigrateParts, attempt: Attempt, input: DeploymentInput): Promise<string | null> {
  for (const { service } of input.plan.rollouts) {
    const { target, rollout } = await rolloutOf(parts, attempt, input, service);
    for (const since = performance.now(); ;) {
      attempt.signal.throwIfAborted();
      const others = [...(await target.observe())].filter(
        ([release, { running }]) => release !== rollout.to && running > 0,
      );
      const [first] = others;
      if (first === undefined) break;
      const [release, { running }] = first;
      const what = `${scopeOf(input.plan.environment, service)} still runs ${running} ${running === 1 ? "replica" : "replicas"} of ${release}`;
      if (target.endIdle === undefined || performance.now() - since > endWithin) return what;
      // What has traffic is not idle, and no waiting ends it.
      const idle = new Set((await target.keep?.(rollout))?.idle.map((one) => one.release));
      if (!others.every(([one]) => idle.has(one))) return what;
      attempt.progress(`ending it, since nobody can go back to it any more: ${what}`);
      await target.endIdle(rollout, null);
      await wait(200, undefined, { signal: attempt.signal });
    }
  }
  return null;
}
