import type { MovingReplicas, Percent, RunId, Timestamp } from "@fairway/core";
import type { Sql, Store } from "./store.ts";
import { json } from "./store.ts";

/** How a service stood at a moment of its rollout, or of its way back. */
export interface RolloutMove extends MovingReplicas {
  readonly service: string;
  readonly isBack: boolean;
  /** Of the traffic that the new release has; null where traffic follows the replicas. */
  readonly weight: Percent | null;
}

/** Writes down how a service stands now, and tells it. Repeated it is one moment more, which shows the same. */
export async function recordMove(store: Store, run: RunId, job: string, move: RolloutMove): Promise<void> {
  const { service, isBack, weight, old, new: fresh } = move;
  await store.transaction(async (tx) => {
    await tx.rows(
      `insert into fairway.rollout_moves (run, job, service, is_back, weight, old_replicas, new_replicas)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [run, job, service, isBack, weight, json(old), json(fresh)],
    );
    tx.emit({
      kind: "rollout.moved",
      subject: run,
      body: { service, isBack, weight, old: { ...old }, new: { ...fresh } },
    });
  });
}

/** More moments than this of one run nobody can tell apart in a picture. */
const most = 5_000;

/** How the services of a run stood over time, oldest first. */
export async function movesOf(sql: Sql, run: RunId): Promise<readonly (RolloutMove & { readonly at: Timestamp })[]> {
  const found = await sql.rows<RolloutMove & { readonly at: Date }>(
    `select service, is_back as "isBack", at, weight, old_replicas as old, new_replicas as new
     from fairway.rollout_moves where run = $1 order by seq limit ${most}`,
    [run],
  );
  return found.map((move) => ({ ...move, at: move.at.toISOString() }));
}
