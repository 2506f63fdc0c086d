import type { DeploymentPlan, RunId } from "@fairway/core";
import { codeOf } from "@fairway/core";
import type { Migrated } from "../migrations/migrate-stage.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import type { DeploymentInput } from "./deployment-run.ts";
import type { Store } from "../store/store.ts";
import type { Deployments } from "./deployments.ts";
import type { PlaceParts } from "./place-of.ts";
import { recordMoves } from "./record-moves.ts";
import type { Ended } from "./roll-until-done.ts";
import { rollUntilDone } from "./roll-until-done.ts";
import { collectEvidence } from "./collect-evidence.ts";
import { noted, rolloutOf } from "./rollout.ts";

/** Before anything is forgotten. Done again after a crash it loses nothing: what is gone by then was kept before. */
async function keepEvidence(
  parts: PlaceParts & { readonly deployments: Deployments },
  run: RunId,
  plan: DeploymentPlan,
): Promise<void> {
  const found = await collectEvidence(parts.places, plan);
  if (found.length > 0) await parts.deployments.keepEvidence(run, found);
}

/**
 * Brings back what ran before, whole: every service of the deployment, those that depend on others first. A service
 * that had not begun to move is looked at and left alone.
 */
export function restoreStage(parts: PlaceParts & { readonly deployments: Deployments; readonly store: Store }): Stage {
  return {
    name: "restore",
    async run(attempt: Attempt): Promise<Outcome> {
      const input = attempt.input as unknown as DeploymentInput;
      const stuck: string[] = [];
      attempt.progress("keeping what the failed replicas left");
      await keepEvidence(parts, attempt.run, input.plan);
      // First: what the flags show belongs to the new release.
      await parts.flagSteps.putBack(attempt.run, input.plan.environment);
      const { all, missing } = await lastWhatWaitsForPeople(parts, attempt, input);
      for (const { service, target, rollout } of all) {
        const say = (message: string): void => attempt.progress(`${service}: ${message}`);
        say(rollout.from === null ? "ending what was started" : `bringing ${rollout.from} back`);
        const abort = recordMoves(() => target.abort(rollout), target, rollout, noted(parts.store, attempt, true));
        const ended = (await attempt.step(`restore ${service}`, async () =>
          asJson(await rollUntilDone(abort, say, attempt.signal)),
        )) as unknown as Ended;
        if (ended.phase === "failed") stuck.push(`${service}: ${ended.reason}`);
      }
      // Only now: what one service cannot be given keeps no other from coming back.
      if (missing !== undefined) throw missing.thrown;
      if (stuck.length > 0)
        return { outcome: "failed", reason: ["the old release is not back whole", ...stuck].join("\n") };
      await attempt.step("record", async () => {
        await parts.deployments.end(attempt.run, "rolled-back");
        return null;
      });
      const stays = whatStays(attempt, input.plan);
      return { outcome: "succeeded", result: null, ...(stays === null ? {} : { summary: stays }) };
    },
  };
}

/** In the reverse order of the way there; contracts come last, whose owners may take days, and nothing else waits for them. */
async function lastWhatWaitsForPeople(
  parts: Parameters<typeof rolloutOf>[0],
  attempt: Attempt,
  input: DeploymentInput,
): Promise<{
  readonly all: readonly ({ readonly service: string } & Awaited<ReturnType<typeof rolloutOf>>)[];
  readonly missing: { readonly thrown: unknown } | undefined;
}> {
  const all = [];
  let missing: { readonly thrown: unknown } | undefined;
  for (const { service } of input.plan.rollouts.toReversed())
    try {
      all.push({ service, ...(await rolloutOf(parts, attempt, input, service)) });
    } catch (thrown) {
      if (codeOf(thrown) === undefined || codeOf(thrown) === "fenced") throw thrown;
      missing ??= { thrown };
    }
  const isOfContracts = ({ target }: { readonly target: { readonly kind: string } }): boolean =>
    target.kind === "contracts";
  return { all: [...all.filter((one) => !isOfContracts(one)), ...all.filter(isOfContracts)], missing };
}

/** What was done to databases before the rollouts is not undone: it only expands, and what is back goes on with it. */
function whatStays(attempt: Attempt, { migrations = [] }: DeploymentPlan): string | null {
  const applied = new Set(
    [...attempt.results].flatMap(([job, result]) =>
      job.startsWith("migrate:") ? ((result as Migrated | null)?.applied ?? []) : [],
    ),
  );
  const stays = migrations.filter(({ id, direction }) => applied.has(id) && direction === "forward");
  const said = stays.map(({ service, id, class: of }) => `${id} of ${service} (${of})`);
  return said.length === 0 ? null : `the databases keep ${said.join(", ")}; what is back goes on with it`;
}
