import type { CommitOrder, FreezeWindow, QueueRule, RunId, Timestamp, TurnDecision } from "@fairway/core";
import { freezeAt, loadCalendar } from "@fairway/config";
import { isOverridden, overtakenBy, turnOf } from "@fairway/core";
import type { Json } from "../runs/stage.ts";
import { keepLeastFence, leastFence } from "./environment-fences.ts";
import { makeWay, waitersOf } from "./environment-queue.ts";
import { freezeOverrides } from "./freeze-overrides.ts";
import type { Sql, Transaction } from "./store.ts";
import { json, text } from "./store.ts";

/** A person's word that an environment must not change. */
export interface ManualLock {
  readonly by: string;
  readonly because: string;
  readonly since: Timestamp;
  /** When it ends by itself; null when it lasts until somebody takes it off. */
  readonly until: Timestamp | null;
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
  locked_until: Date | null;
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
      : {
          by: row.locked_by,
          because: row.locked_because ?? "",
          since: row.locked_since?.toISOString() ?? "",
          until: row.locked_until?.toISOString() ?? null,
        },
  waiting,
});

/** A lock whose time is over is none, whether or not anybody has looked since. */
const columns = `l.environment, l.holder_run, r.title, l.held_since, l.fence::float8 as fence,
  case when l.locked_until is null or l.locked_until > now() then l.locked_by end as locked_by,
  l.locked_because, l.locked_since, l.locked_until`;

/** The locks of all environments that were ever deployed to or locked. */
export async function environmentLocks(sql: Sql): Promise<readonly EnvironmentLock[]> {
  const [rows, waiting] = await Promise.all([
    sql.rows<LockRow>(
      `select ${columns} from fairway.environment_locks l left join fairway.runs r on r.id = l.holder_run order by l.environment`,
    ),
    sql.rows<{ environment: string; run: RunId; title: string; urgent: boolean }>(
      `select w.environment, w.run, r.title, w.urgent from fairway.environment_waiters w join fairway.runs r on r.id = w.run
       where w.superseded_by is null order by w.urgent desc, w.place`,
    ),
  ]);
  return rows.map((row) => {
    const mine = waiting.filter(({ environment }) => environment === row.environment);
    return lockOf(
      row,
      mine.map(({ run, title, urgent }) => ({ run, title, urgent })),
    );
  });
}

/** What a deployment wants of an environment, and how it stands to others that want it. */
export interface LockRequest {
  readonly environment: string;
  readonly urgent: boolean;
  readonly queue: QueueRule;
  /** Of its release; null makes nobody way. */
  readonly order: CommitOrder | null;
  /** It never replaces a newer commit. */
  readonly yields: boolean;
  /** When the environment does not change; absent where it always may, and in runs from before there were freezes. */
  readonly freezes?: readonly FreezeWindow[];
}

/** Whether a run got the environment; if not, what it waits for, as a sentence, or which run it made way for. */
export type Taking =
  | { readonly taken: true; readonly fence: number }
  | { readonly taken: false; readonly until: string }
  | { readonly taken: false; readonly supersededBy: RunId };

/**
 * Takes the environment for a run or puts it in the queue, first come, first served; what is urgent goes ahead of what
 * is not, and newer commits may have older ones make way. A person's lock holds back all but what is urgent. May be repeated.
 */
export async function takeEnvironment(tx: Transaction, run: RunId, asked: LockRequest): Promise<Taking> {
  const { environment, urgent, queue, order, yields, freezes = [] } = asked;
  const lock = await holdLock(tx, environment);
  if (lock.holder_run === run) return { taken: true, fence: lock.fence };
  await tx.rows(
    `insert into fairway.environment_waiters (environment, run, urgent, commit_order, yields) values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
    [environment, run, urgent, order && json(order), yields],
  );
  const waiting = await waitersOf(tx, environment);
  const asker = waiting.find((waiter) => waiter.run === run);
  if (asker === undefined) throw new TypeError(`${run} waits for ${environment} since this moment`);
  for (const older of overtakenBy(asker, waiting, queue)) await makeWay(tx, environment, older, run);
  // Whoever keeps the environment as it is, half-way, lets go of it for a way back.
  if (urgent && lock.holder_run !== null) tx.signal({ kind: "advance", run: lock.holder_run });
  const { holder, manual } = lockOf(lock, []);
  const current = yields ? await currentOrder(tx, environment) : null;
  if (freezes.length > 0) await loadCalendar();
  const frozen = urgent ? null : freezeAt(freezes, Date.now());
  const decision: TurnDecision = turnOf(asker, await waitersOf(tx, environment), queue, {
    environment,
    holder,
    manual,
    current,
    frozen,
    overridden: frozen !== null && isOverridden(await freezeOverrides(tx, run)),
  });
  switch (decision.turn) {
    case "later":
      return { taken: false, until: decision.until };
    case "never":
      await makeWay(tx, environment, run, decision.supersededBy);
      return { taken: false, supersededBy: decision.supersededBy };
    case "now":
      return { taken: true, fence: await giveTo(tx, environment, run, lock.fence + 1) };
  }
}

async function giveTo(tx: Transaction, environment: string, run: RunId, fence: number): Promise<number> {
  await tx.rows(
    "update fairway.environment_locks set holder_run = $2, held_since = now(), fence = $3 where environment = $1",
    [environment, run, fence],
  );
  await tx.rows("delete from fairway.environment_waiters where environment = $1 and run = $2", [environment, run]);
  tx.emit({ kind: "environment.changed", subject: environment, body: { holder: run } });
  return fence;
}

/** What an environment runs, and how old that is. */
async function currentOrder(
  sql: Sql,
  environment: string,
): Promise<{ readonly run: RunId; readonly order: CommitOrder } | null> {
  const [last] = await sql.rows<{ run: RunId; number: number; committed: string }>(
    `select d.run, r.number, r.contents->'revision'->>'committedAt' as committed
     from fairway.deployments d join fairway.releases r on r.id = d.release
     where d.environment = $1 and d.outcome = 'deployed' order by d.place desc limit 1`,
    [environment],
  );
  return last ? { run: last.run, order: { committedAt: last.committed, number: last.number } } : null;
}

/** A person's lock, put on or, with null, taken off. Answers with who is to look again. */
export async function lockByHand(
  tx: Transaction,
  environment: string,
  lock: Omit<ManualLock, "since"> | null,
  recorded: Readonly<Record<string, Json>> = {},
): Promise<readonly RunId[]> {
  await holdLock(tx, environment);
  await tx.rows(
    `update fairway.environment_locks set locked_by = $2, locked_because = $3, locked_until = $4,
       locked_since = case when $2::text is not null then now() end where environment = $1`,
    [environment, lock && text(lock.by), lock && text(lock.because), lock?.until ?? null],
  );
  tx.emit({
    kind: "environment.changed",
    subject: environment,
    body: { locked: lock && { by: lock.by, because: lock.because, until: lock.until }, ...recorded },
  });
  // All of them, because what they say they wait for has changed.
  return (await waitersOf(tx, environment)).map(({ run }) => run);
}

/** The person's lock of an environment, held until the transaction ends; null when there is none, or its time is over. */
export const holdManualLock = async (tx: Transaction, environment: string): Promise<ManualLock | null> =>
  lockOf(await holdLock(tx, environment), []).manual;

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

/** Forgets the lock of an environment that is gone. One that comes under the same name begins above its fence. */
export async function forgetLock(tx: Transaction, environment: string): Promise<void> {
  const [row] = await tx.rows<{ fence: number }>(
    "delete from fairway.environment_locks where environment = $1 returning fence::float8 as fence",
    [environment],
  );
  if (row !== undefined) await keepLeastFence(tx, row.fence);
}
