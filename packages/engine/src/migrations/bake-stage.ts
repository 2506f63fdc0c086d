import { setTimeout as wait } from "node:timers/promises";
import type { Millis } from "@fairway/core";
import { environmentOf, nothing, scopeOf, serviceOf } from "@fairway/core";
import type { BakeParts } from "../checks/bake-journeys.ts";
import { bakingJourneys } from "../checks/bake-journeys.ts";
import type { DeploymentInput } from "../rollouts/deployment-run.ts";
import type { PlaceParts } from "../rollouts/place-of.ts";
import { rolloutOf } from "../rollouts/rollout.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";

/** Between two looks at what runs. */
const lookEvery: Millis = 1_000;
const noJourneys = { failing: null, open: [], unknown: [] };

/**
 * Lets the new version run for a while before anything is taken away that the old one needs. What dies meanwhile is started
 * again; where it is not well at the end, or a journey of users fails twice in a row, the old release comes back, which still
 * can.
 */
export const bakeStage = (parts: BakeParts): Stage => ({
  name: "bake",
  async run(attempt: Attempt): Promise<Outcome> {
    const input = attempt.input as unknown as DeploymentInput;
    const bake = await bakeOf(parts, input);
    const until = await attempt.step("begin to bake", () => Promise.resolve(Date.now() + bake));
    const journeys = await bakingJourneys(parts, attempt, input);
    for (;;) {
      attempt.signal.throwIfAborted();
      const left = until - Date.now();
      const unwell = await look(parts, attempt, input);
      const { failing, open, unknown } = (await journeys?.look(until - left, until)) ?? noJourneys;
      const reason = failing ?? (left <= 0 && open.length === 0 ? unwell : null);
      if (reason !== null || (left <= 0 && open.length === 0)) {
        await journeys?.close();
        if (reason !== null) return { outcome: "failed", reason };
        const summary = unknown.length === 0 ? {} : { summary: `no data: ${unknown.join("; ")}` };
        return { outcome: "succeeded", result: null, ...summary };
      }
      attempt.progress(
        left > 0
          ? `${Math.ceil(left / 1_000)} s until ${input.plan.release} has baked`
          : `waits for the journeys ${open.join(", ")}`,
      );
      await wait(left > 0 ? Math.min(left, lookEvery) : lookEvery, undefined, { signal: attempt.signal });
    }
  },
});

/** The longest of the services that something is taken away from. */
async function bakeOf(parts: PlaceParts, { plan }: DeploymentInput): Promise<Millis> {
  const { project } = await parts.releaseOf(plan.release);
  const waiting = (plan.migrations ?? []).filter(({ phase }) => phase === "after-rollout");
  const bakes = waiting.map(({ service }) => serviceOf(project, service)?.migrations?.bake ?? 0);
  const environment = environmentOf(project, plan.environment);
  return environment === undefined
    ? 0
    : Math.max(0, plan.reason === "rollback" ? 0 : (environment.bake ?? 0), ...bakes);
}

async function look(parts: PlaceParts, attempt: Attempt, input: DeploymentInput): Promise<string | null> {
  for (const { service } of input.plan.rollouts) {
    const { target, rollout } = await rolloutOf(parts, attempt, input, service);
    await target.keep?.(rollout);
    const { ready } = (await target.observe()).get(rollout.to) ?? nothing;
    if (ready < rollout.desired)
      return `${scopeOf(input.plan.environment, service)}: ${ready} of ${rollout.desired} replicas are ready`;
  }
  return null;
}
