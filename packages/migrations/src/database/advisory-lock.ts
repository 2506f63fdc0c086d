import { setTimeout as wait } from "node:timers/promises";
import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Client } from "pg";

/** A turn that one session of a database has at a time. */
export interface AdvisoryLock {
  /** A number of 64 bits that nobody else uses. */
  readonly key: bigint;
  /** What whoever has it is doing, as the end of a sentence: `migrating this database`. */
  readonly doing: string;
}

/**
 * Does something while nobody else has this turn. It asks again and again rather than waiting in PostgreSQL: a session that
 * waits holds a snapshot, and CREATE INDEX CONCURRENTLY waits for that. The turn goes with the connection. Throws `locked`
 * when another has it for longer than `within`.
 */
export async function withAdvisoryLock<Result>(
  client: Client,
  { key, doing }: AdvisoryLock,
  within: Millis,
  work: () => Promise<Result>,
): Promise<Result> {
  for (const since = performance.now(); ;) {
    const { rows } = await client.query<{ mine: boolean }>("select pg_try_advisory_lock($1) as mine", [String(key)]);
    if (rows[0]?.mine === true) break;
    if (performance.now() - since > within) throw await lockedBy(client, key, doing, within);
    await wait(100 + Math.random() * 150);
  }
  try {
    return await work();
  } finally {
    await client.query("select pg_advisory_unlock($1)", [String(key)]).catch((thrown: unknown) => {
      // A broken connection has given the lock back already.
      if (!(thrown instanceof Error)) throw thrown;
    });
  }
}

async function lockedBy(client: Client, key: bigint, doing: string, within: Millis): Promise<FairwayError> {
  const { rows } = await client.query<{ pid: number; application: string; since: string }>(
    `select a.pid, a.application_name as application, to_char(a.backend_start, 'HH24:MI:SS') as since
       from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.granted and (l.classid::bigint << 32 | l.objid::bigint) = $1`,
    [String(key)],
  );
  const [holder] = rows;
  const who =
    holder === undefined ? "somebody" : `${holder.application} (process ${holder.pid}, since ${holder.since})`;
  return new FairwayError("locked", `${who} has been ${doing} for more than ${within / 1000} s`, {
    hint: "wait until it has ended, or end that connection",
    retryable: true,
  });
}
