import type { ReleaseId, ReplicaEvidence, RunId, Timestamp } from "@fairway/core";
import type { Sql, Store } from "./store.ts";
import { json } from "./store.ts";

/** What a failed replica of a deployment left, with what it was. */
export interface KeptEvidence extends ReplicaEvidence {
  readonly service: string;
  readonly replica: string;
  readonly release: ReleaseId;
  /** Why it failed, as its host said it. */
  readonly reason: string | null;
}

/** Keeps what failed replicas of a deployment left. May be repeated: the last word about a replica counts. */
export async function keepEvidence(store: Store, run: RunId, found: readonly KeptEvidence[]): Promise<void> {
  await store.transaction(async (tx) => {
    for (const { service, replica, ...body } of found)
      await tx.rows(
        `insert into fairway.evidence (run, service, replica, body) values ($1, $2, $3, $4)
         on conflict (run, replica) do update set body = excluded.body, kept_at = now()`,
        [run, service, replica, json(body)],
      );
  });
}

/** What the failed replicas of a deployment left, in the order in which it was kept. */
export async function evidenceOf(
  sql: Sql,
  run: RunId,
): Promise<readonly (KeptEvidence & { readonly keptAt: Timestamp })[]> {
  const found = await sql.rows<{
    service: string;
    replica: string;
    body: Omit<KeptEvidence, "service" | "replica">;
    kept_at: Date;
  }>("select service, replica, body, kept_at from fairway.evidence where run = $1 order by place", [run]);
  return found.map(({ service, replica, body, kept_at }) => ({
    ...body,
    service,
    replica,
    keptAt: kept_at.toISOString(),
  }));
}
