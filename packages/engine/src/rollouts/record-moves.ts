import type { Group, MovingReplicas, Percent, Progress, ReleaseId, Rollout, Target } from "@fairway/core";
import { nothing } from "@fairway/core";
import type { RolloutMove } from "../store/rollout-moves.ts";

/** So many moments are written down of one attempt: what changes more often goes round in circles. */
const most = 1_000;

export interface MovePaper {
  readonly isBack: boolean;
  /** Writes one moment down. */
  readonly record: (move: RolloutMove) => Promise<void>;
}

/**
 * Drives as `drive` does, and writes down how the service stands whenever that has changed: replicas of both releases and
 * the share of traffic. When it has ended, what is there then is looked at and written down too.
 */
export function recordMoves(
  drive: () => Promise<Progress>,
  target: Pick<Target, "observe">,
  rollout: Rollout,
  { isBack, record }: MovePaper,
): () => Promise<Progress> {
  let last: string | undefined;
  let written = 0;
  let weight: Percent | null = null;
  const note = async (replicas: MovingReplicas, share: Percent | null): Promise<void> => {
    const move = {
      service: rollout.service,
      isBack,
      weight: share,
      old: plain(replicas.old),
      new: plain(replicas.new),
    };
    const now = JSON.stringify(move);
    if (now === last || written >= most) return;
    await record(move);
    last = now;
    written += 1;
  };

  return async () => {
    const progress = await drive();
    if (progress.phase === "moving") {
      weight = progress.weight ?? null;
      if (progress.replicas !== undefined) await note(progress.replicas, weight);
      return progress;
    }
    if (progress.phase === "succeeded" && byWeight(rollout)) weight = isBack ? 0 : 100;
    await note(standingOf(await target.observe(), rollout.to), weight);
    return progress;
  };
}

const byWeight = ({ strategy: { name } }: Rollout): boolean => name !== "rolling" && name !== "recreate";

function standingOf(seen: ReadonlyMap<ReleaseId, Group>, to: ReleaseId): MovingReplicas {
  const others = [...seen].filter(([release]) => release !== to).map(([, group]) => group);
  const old = others.reduce(
    (sum, one) => ({
      running: sum.running + one.running,
      ready: sum.ready + one.ready,
      failed: sum.failed + one.failed,
      busy: sum.busy + one.busy,
    }),
    nothing,
  );
  return { old, new: seen.get(to) ?? nothing };
}

/** What a picture shows; the rest of a group is the breaker's affair. */
const plain = ({ running, ready, failed, busy }: Group): Group => ({ running, ready, failed, busy });
