import type { CommitOrder, RunId, Waiter } from "@fairway/core";
import type { Sql, Transaction } from "./store.ts";

/** Marks a run in the queue as one that was overtaken, and has it look. */
export async function makeWay(tx: Transaction, environment: string, run: RunId, by: RunId): Promise<void> {
  await tx.rows("update fairway.environment_waiters set superseded_by = $3 where environment = $1 and run = $2", [
    environment,
    run,
    by,
  ]);
  tx.signal({ kind: "advance", run });
}

/** Who waits, in the order in which they came. */
export async function waitersOf(sql: Sql, environment: string): Promise<readonly Waiter[]> {
  const found = await sql.rows<{
    run: RunId;
    title: string;
    place: number;
    urgent: boolean;
    commit_order: CommitOrder | null;
    yields: boolean;
    superseded_by: RunId | null;
  }>(
    `select w.run, r.title, w.place::float8 as place, w.urgent, w.commit_order, w.yields, w.superseded_by
     from fairway.environment_waiters w join fairway.runs r on r.id = w.run where w.environment = $1 order by w.place`,
    [environment],
  );
  return found.map(({ commit_order: order, superseded_by: supersededBy, ...waiter }) => ({
    ...waiter,
    order,
    supersededBy,
  }));
}

/** For which run a run in the queue made way; null when it made none. */
export async function supersededBy(sql: Sql, run: RunId): Promise<RunId | null> {
  const [found] = await sql.rows<{ by: RunId }>(
    "select superseded_by as by from fairway.environment_waiters where run = $1 and superseded_by is not null",
    [run],
  );
  return found?.by ?? null;
}

/** The way back that waits for an environment that a run holds, and who asked for it; null where none does. */
export async function urgentlyWantedBy(
  sql: Sql,
  holder: RunId,
): Promise<{ readonly run: RunId; readonly by: string } | null> {
  const [found] = await sql.rows<{ readonly run: RunId; readonly by: string }>(
    `select w.run, r.requested_by as by from fairway.environment_waiters w
     join fairway.environment_locks l on l.environment = w.environment join fairway.runs r on r.id = w.run
     where l.holder_run = $1 and w.urgent and w.superseded_by is null order by w.place limit 1`,
    [holder],
  );
  return found ?? null;
}

/** Steps out of every queue, and keeps what the run holds. Answers with who is to look again. */
export async function leaveQueues(tx: Transaction, run: RunId): Promise<readonly RunId[]> {
  const left = await tx.rows<{ environment: string }>(
    "delete from fairway.environment_waiters where run = $1 and superseded_by is null returning environment",
    [run],
  );
  return firstWaiters(
    tx,
    left.map(({ environment }) => environment),
  );
}

/** Gives up what a run holds and what it waits for. Answers with who is to look again. */
export async function leaveEnvironments(tx: Transaction, run: RunId): Promise<readonly RunId[]> {
  const left = await tx.rows<{ environment: string }>(
    "delete from fairway.environment_waiters where run = $1 returning environment",
    [run],
  );
  const freed = await tx.rows<{ environment: string }>(
    "update fairway.environment_locks set holder_run = null, held_since = null where holder_run = $1 returning environment",
    [run],
  );
  for (const { environment } of freed)
    tx.emit({ kind: "environment.changed", subject: environment, body: { holder: null } });
  return firstWaiters(
    tx,
    [...left, ...freed].map(({ environment }) => environment),
  );
}

async function firstWaiters(tx: Transaction, environments: readonly string[]): Promise<readonly RunId[]> {
  if (environments.length === 0) return [];
  const found = await tx.rows<{ run: RunId }>(
    `select distinct on (environment) run from fairway.environment_waiters where environment = any($1)
       and superseded_by is null order by environment, urgent desc, place`,
    [environments],
  );
  return found.map(({ run }) => run);
}
