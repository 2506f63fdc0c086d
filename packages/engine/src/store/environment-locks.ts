import type { RunId, Timestamp } from "@fairway/core";
import { keepSetting } from "./settings.ts";
import type { Sql, Transaction } from "./store.ts";
import { text } from "./store.ts";

/** A person's word that an environment must not change. */
export interface ManualLock {
  readonly by: string;
  readonly because: string;
  readonly since: Timestamp;
}

/** Who may change an environment now, and who waits for it. */
export interface EnvironmentLock {
  readonly environment: string;
  readonly holder: { readonly run: RunId; readonly title: string; readonly since: Timestamp } | null;
  /** Grows each time somebody begins to act; effects with an older one are refused. */
  readonly fence: number;
  readonly manual: ManualLock | null;
  /** In the order in which they get it. */
  readonly waiting: readonly { readonly run: RunId; readonly title: string; readonly urgent: boolean }[];
}

interface LockRow {
  environment: string;
  holder_run: RunId | null;
  title: string | null;
  held_since: Date | null;
  fence: number;
  locked_by: string | null;
  locked_because: string | null;
  locked_since: Date | null;
}

const lockOf = (row: LockRow, waiting: EnvironmentLock["waiting"]): EnvironmentLock => ({
  environment: row.environment,
  holder:
    row.holder_run === null
      ? null
      : { run: row.holder_run, title: row.title ?? "", since: row.held_since?.toISOString() ?? "" },
  fence: row.fence,
  manual:
    row.locked_by === null
      ? null
      : { by: row.locked_by, because: row.locked_because ?? "", since: row.locked_since?.toISOString() ?? "" },
  waiting,
});

const columns = `l.environment, l.holder_run, r.title, l.held_since, l.fence::float8 as fence, l.locked_by, l.locked_because, l.locked_since`;

/** The locks of all environments that were ever deployed to or locked. */
export async function environmentLocks(sql: Sql): Promise<readonly EnvironmentLock[]> {
  const rows = await sql.rows<LockRow>(
    `select ${columns} from fairway.environment_locks l left join fairway.runs r on r.id = l.holder_run order by l.environment`,
  );
  const waiting = await sql.rows<{ environment: string; run: RunId; title: string; urgent: boolean }>(
    `select w.environment, w.run, r.title, w.urgent from fairway.environment_waiters w join fairway.runs r on r.id = w.run
     order by w.urgent desc, w.place`,
  );
  return rows.map((row) => {
    const mine = waiting.filter(({ environment }) => environment === row.environment);
    return lockOf(
      row,
      mine.map(({ run, title, urgent }) => ({ run, title, urgent })),
    );
  });
}

/** Whether a run got the environment; if not, what it waits for, as a sentence. */
export type Taking =
  | { readonly taken: true; readonly fence: number }
  | { readonly taken: false; readonly until: string };

/**
 * Takes the environment for a run or puts it in the queue, first come, first served; what is urgent goes ahead of what
 * is not. A person's lock holds back all but what is urgent. May be repeated.
 */
export async function takeEnvironment(
  tx: Transaction,
  environment: string,
  run: RunId,
  urgent: boolean,
): Promise<Taking> {
  const lock = await holdLock(tx, environment);
  if (lock.holder_run === run) return { taken: true, fence: lock.fence };
  await tx.rows(
    "insert into fairway.environment_waiters (environment, run, urgent) values ($1, $2, $3) on conflict do nothing",
    [environment, run, urgent],
  );
  if (lock.holder_run !== null)
    return {
      taken: false,
      until: `waits for ${lock.holder_run} (${lock.title}), held since ${lock.held_since?.toISOString()}`,
    };
  if (lock.locked_by !== null && !urgent)
    return { taken: false, until: `${environment} is locked by ${lock.locked_by}: ${lock.locked_because}` };
  const [first] = await tx.rows<{ run: RunId; title: string }>(
    `select w.run, r.title from fairway.environment_waiters w join fairway.runs r on r.id = w.run
     where w.environment = $1 order by w.urgent desc, w.place limit 1`,
    [environment],
  );
  if (first !== undefined && first.run !== run)
    return { taken: false, until: `waits for its turn after ${first.run} (${first.title})` };
  const fence = lock.fence + 1;
  await tx.rows(
    "update fairway.environment_locks set holder_run = $2, held_since = now(), fence = $3 where environment = $1",
    [environment, run, fence],
  );
  await tx.rows("delete from fairway.environment_waiters where environment = $1 and run = $2", [environment, run]);
  tx.emit({ kind: "environment.changed", subject: environment, body: { holder: run } });
  return { taken: true, fence };
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

/**
 * A fresh fence for whoever acts on the environment that a run holds; undefined when it does not hold it, or when the
 * attempt that asks was taken over by another worker.
 */
export async function drawFence(
  sql: Sql,
  run: RunId,
  environment: string,
  attempt: { readonly job: string; readonly attempt: number; readonly epoch: number },
): Promise<number | undefined> {
  const [drawn] = await sql.rows<{ fence: number }>(
    `update fairway.environment_locks l set fence = l.fence + 1
     where l.environment = $1 and l.holder_run = $2 and exists (
       select from fairway.jobs j
       where j.run = $2 and j.name = $3 and j.attempt = $4 and j.epoch = $5 and j.state = 'running' for share)
     returning l.fence::float8 as fence`,
    [environment, run, attempt.job, attempt.attempt, attempt.epoch],
  );
  return drawn?.fence;
}

/** A person's lock, put on or, with null, taken off. Answers with who is to look again. */
export async function lockByHand(
  tx: Transaction,
  environment: string,
  lock: Omit<ManualLock, "since"> | null,
): Promise<{ readonly before: ManualLock | null; readonly next: readonly RunId[] }> {
  const before = lockOf(await holdLock(tx, environment), []).manual;
  await tx.rows(
    `update fairway.environment_locks set locked_by = $2, locked_because = $3,
       locked_since = case when $2::text is not null then now() end where environment = $1`,
    [environment, lock && text(lock.by), lock && text(lock.because)],
  );
  tx.emit({ kind: "environment.changed", subject: environment, body: { locked: lock && { ...lock } } });
  return { before, next: await waitersOf(tx, environment) };
}

async function holdLock(tx: Transaction, environment: string): Promise<LockRow> {
  await tx.rows(
    `insert into fairway.environment_locks (environment, fence)
     values ($1, coalesce((select value::text::bigint from fairway.settings where name = $2), 0)) on conflict do nothing`,
    [environment, leastFence],
  );
  const [row] = await tx.rows<LockRow>(
    `select ${columns} from fairway.environment_locks l left join fairway.runs r on r.id = l.holder_run
     where l.environment = $1 for update of l`,
    [environment],
  );
  if (row === undefined) throw new TypeError(`the lock of ${environment} has just been made`);
  return row;
}

async function firstWaiters(tx: Transaction, environments: readonly string[]): Promise<readonly RunId[]> {
  if (environments.length === 0) return [];
  const found = await tx.rows<{ run: RunId }>(
    `select distinct on (environment) run from fairway.environment_waiters where environment = any($1)
     order by environment, urgent desc, place`,
    [environments],
  );
  return found.map(({ run }) => run);
}

/** All of them, because what they say they wait for has changed. */
async function waitersOf(tx: Transaction, environment: string): Promise<readonly RunId[]> {
  const found = await tx.rows<{ run: RunId }>(
    "select run from fairway.environment_waiters where environment = $1 order by urgent desc, place",
    [environment],
  );
  return found.map(({ run }) => run);
}

/**
 * Raises every fence to at least this. A database that was put back from a backup is behind what the router and the
 * hosts have seen, and all that it draws would be refused. May be repeated.
 */
export async function raiseFences(sql: Sql, least: number): Promise<void> {
  await sql.rows("update fairway.environment_locks set fence = $1 where fence < $1", [least]);
  // An environment that the database does not know yet, the router may: one from after the backup, or from before the
  // database was made anew. Its deployments would be refused for ever.
  await keepSetting(sql, leastFence, least);
}

/** The setting that holds what the fence of a new environment begins above. */
const leastFence = "least fence";
