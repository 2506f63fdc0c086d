import type { Progress, ReleaseId, Rollout, Target } from "@fairway/core";
import { slotOf } from "./asked-task.ts";
import type { OneOffParts, OneOffTask } from "./one-off-task.ts";
import { advanceOneOff, watchOneOff } from "./one-off-task.ts";
import { stopOneOff } from "./stop-one-off.ts";

/** What migrations of a service on ECS need. */
export interface MigratedFirstParts extends OneOffParts {
  readonly imageOf: (
    release: ReleaseId,
  ) => Promise<{ readonly reference: string; readonly env: Readonly<Record<string, string>> }>;
}

/**
 * A service on ECS whose migrations run before any of its tasks is replaced: the command of its placement, in a one-off task
 * with the release's image, once for each rollout. A way back runs none, for what came to the database was to fit both
 * releases, and stops the one that runs before anything else comes back.
 */
export function migratedFirst(target: Target, parts: MigratedFirstParts): Target {
  const { placement, memory } = parts;
  const { migrate } = placement;
  if (migrate === undefined) return target;
  const { command, timeout: within } = migrate;
  const moving = (message: string): Progress => ({ phase: "moving", message, checkAgainIn: placement.poll });

  async function migrated(rollout: Rollout): Promise<Progress | null> {
    if (memory.ended.get(slotOf(placement, rollout.id)) === "0" || !isForward(rollout)) return null;
    const { reference: image, env } = await parts.imageOf(rollout.to);
    const wanted: OneOffTask = { key: rollout.id, command, image, env, within };
    const watched = await watchOneOff(parts, wanted);
    if (watched?.is === "running") return moving(watched.message);
    // Whoever has been overtaken starts nothing.
    await target.fence?.(rollout.token);
    const progress = await advanceOneOff(parts, wanted);
    switch (progress.is) {
      case "running":
        return moving(progress.message);
      case "failed": {
        const { reason, ending } = progress;
        return { phase: "failed", reason, ...(ending === undefined ? {} : { ending }) };
      }
      case "succeeded":
        return null;
    }
  }

  /** What is done until no migration of the rollout runs any more; null when none does. */
  async function quiet(rollout: Rollout): Promise<Progress | null> {
    if (memory.ended.has(slotOf(placement, rollout.id)) || !isForward(rollout)) return null;
    const stopping = await stopOneOff(parts, { key: rollout.id, command }, async () => target.fence?.(rollout.token));
    return stopping === null ? null : moving(stopping);
  }

  return {
    ...target,
    advance: async (rollout, facts) => (await migrated(rollout)) ?? target.advance(rollout, facts),
    abort: async (rollout) => (await quiet(rollout)) ?? target.abort(rollout),
  };
}

/** Releases are numbered in the order in which they are made. */
const isForward = ({ from, to }: Pick<Rollout, "from" | "to">): boolean =>
  from === null || !(numberOf(to) < numberOf(from));

const numberOf = (release: ReleaseId): number => Number(/\d+$/u.exec(release)?.[0] ?? Number.NaN);
