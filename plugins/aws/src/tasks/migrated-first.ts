import type { Progress, ReleaseId, Rollout, Target } from "@fairway/core";
import type { OneOffParts } from "./one-off-task.ts";
import { advanceOneOff } from "./one-off-task.ts";

/** What migrations of a service on ECS need. */
export interface MigratedFirstParts extends OneOffParts {
  readonly imageOf: (
    release: ReleaseId,
  ) => Promise<{ readonly reference: string; readonly env: Readonly<Record<string, string>> }>;
  /** Rollouts whose migrations this process has seen through. */
  readonly done: Set<string>;
}

/**
 * A service on ECS whose migrations run before any of its tasks is replaced: the command of its placement, in a one-off task
 * with the release's image, once for each rollout. A way back runs none: what came to the database was to fit both releases.
 */
export function migratedFirst(target: Target, parts: MigratedFirstParts): Target {
  const { placement, done } = parts;
  const { migrate } = placement;
  if (migrate === undefined) return target;

  async function migrated(rollout: Rollout): Promise<Progress | null> {
    if (migrate === undefined || done.has(rollout.id) || !isForward(rollout)) return null;
    // Whoever has been overtaken starts nothing.
    await target.fence?.(rollout.token);
    const { reference, env } = await parts.imageOf(rollout.to);
    const progress = await advanceOneOff(parts, {
      key: rollout.id,
      command: migrate.command,
      image: reference,
      env,
      within: migrate.timeout,
    });
    switch (progress.is) {
      case "running":
        return { phase: "moving", message: progress.message, checkAgainIn: placement.poll };
      case "failed":
        return { phase: "failed", reason: progress.reason };
      case "succeeded":
        done.add(rollout.id);
        return null;
    }
  }

  return { ...target, advance: async (rollout, facts) => (await migrated(rollout)) ?? target.advance(rollout, facts) };
}

/** Releases are numbered in the order in which they are made. */
const isForward = ({ from, to }: Pick<Rollout, "from" | "to">): boolean =>
  from === null || !(numberOf(to) < numberOf(from));

const numberOf = (release: ReleaseId): number => Number(/\d+$/u.exec(release)?.[0] ?? Number.NaN);
