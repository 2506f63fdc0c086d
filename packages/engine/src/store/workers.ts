import type { RunId } from "@fairway/core";
import type { Job, JobRow } from "./jobs.ts";
import { jobColumns, jobOf, tell } from "./jobs.ts";
import type { Sql, Store, Transaction } from "./store.ts";
import { text } from "./store.ts";

/** A process that executes attempts. */
export interface Worker {
  readonly id: string;
  /** Which machine, boot and process namespace: where the pid means something. */
  readonly host: string;
  readonly pid: number;
  readonly processStarted: string;
}

/** A worker as others see it. */
export interface SeenWorker extends Worker {
  readonly beat: number;
}

/** Enters a worker in the list, and says so to the others. */
export async function enterWorker(store: Store, worker: Worker): Promise<void> {
  await store.transaction(async (tx) => {
    await tx.rows("insert into fairway.workers (id, host, pid, process_started) values ($1, $2, $3, $4)", [
      worker.id,
      worker.host,
      worker.pid,
      worker.processStarted,
    ]);
    tx.signal({ kind: "workers" });
  });
}

/** Says that a worker lives. Answers with the database's clock; undefined when others hold it for dead. */
export async function beat(sql: Sql, id: string): Promise<{ readonly now: Date } | undefined> {
  const [row] = await sql.rows<{ now: Date }>(
    "update fairway.workers set beat = beat + 1, seen_at = now() where id = $1 and not dead returning clock_timestamp() as now",
    [id],
  );
  return row;
}

/** The other workers that are held for living. */
export async function otherWorkers(sql: Sql, id: string): Promise<readonly SeenWorker[]> {
  const found = await sql.rows<{ id: string; host: string; pid: number; process_started: string; beat: number }>(
    "select id, host, pid, process_started, beat::float8 as beat from fairway.workers where id <> $1 and not dead",
    [id],
  );
  return found.map(({ process_started, ...worker }) => ({ ...worker, processStarted: process_started }));
}

/** Says that a worker is about to die of its own fault. */
export async function confessFault(sql: Sql, id: string, fault: string): Promise<void> {
  await sql.rows("update fairway.workers set fault = $2 where id = $1", [id, text(fault)]);
}

/** How much suspicion falls on an attempt in flight when its worker dies. */
export interface Suspicion {
  /** When the worker said that it died of its own fault. */
  readonly ofFault: number;
  /** When nobody knows: most often somebody killed it, or the power went. */
  readonly ofDeath: number;
}

/** An attempt that a dead worker left behind, with the suspicion that it is what workers die of. */
export interface LeftBehind {
  readonly job: Job;
  readonly suspicion: number;
}

/**
 * Takes a dead worker's attempts from it. From now on nothing that it records counts. Suspicion grows from death to death,
 * and is gone when the attempt has recorded another step in between.
 */
export async function takeFromDead(store: Store, id: string, weight: Suspicion): Promise<readonly LeftBehind[]> {
  return store.transaction(async (tx) => {
    const [died] = await tx.rows<{ fault: string | null }>(
      "update fairway.workers set dead = true where id = $1 and not dead returning fault",
      [id],
    );
    if (died === undefined) return [];
    const taken = await tx.rows<JobRow & { suspicion: number }>(
      `update fairway.jobs j
       set claimed_by = null, handed_at = null, epoch = j.epoch + 1, begun = false, suspected_at = done.steps,
         suspicion = case when j.suspected_at = done.steps then j.suspicion else 0 end + case when j.begun then $2 else 0 end
       from (
         select c.run, c.name, (
           select count(*) from fairway.steps s
           where s.run = c.run and s.job = c.name and s.attempt = c.attempt and s.ended_at is not null)::integer as steps
         from fairway.jobs c where c.claimed_by = $1 and c.state = 'running') as done
       where j.run = done.run and j.name = done.name and j.claimed_by = $1 and j.state = 'running'
       returning ${jobColumns}, j.suspicion`,
      [id, died.fault === null ? weight.ofDeath : weight.ofFault],
    );
    tx.emit({ kind: "worker.lost", subject: id, body: { attempts: taken.length, fault: died.fault } });
    return taken.map((row) => ({ job: jobOf(row), suspicion: row.suspicion }));
  });
}

/**
 * A worker goes, of its own will: what it executed can be taken over at once. With `anew` all that it began has ended, so
 * whoever takes it over has the whole time for it, however long nobody was there.
 */
export async function leaveWorkers(store: Store, id: string, anew = false): Promise<void> {
  await store.transaction(async (tx) => {
    const left = await tx.rows(
      `update fairway.jobs set claimed_by = null, handed_at = null, epoch = epoch + 1, begun = false,
         deadline_at = case when $2 then null else deadline_at end
       where claimed_by = $1 and state = 'running' returning run`,
      [id, anew],
    );
    await tx.rows("delete from fairway.workers where id = $1", [id]);
    if (left.length > 0) tx.signal({ kind: "ready" });
  });
}

/** Of one stage no more than there is room for, however many other jobs may be claimed. */
export interface NarrowStage {
  readonly stage: string;
  readonly room: number;
}

/** Claims jobs whose turn has come, those that have waited longest first. */
export async function claimJobs(
  store: Store,
  worker: string,
  limit: number,
  narrow: NarrowStage = { stage: "", room: 0 },
): Promise<readonly Job[]> {
  return store.transaction(async (tx) => {
    const claimed = await tx.rows<JobRow>(
      `with narrow as (
         select run, name from fairway.jobs where state = 'pending' and ready_at is not null and stage = $3
         order by ready_at, place limit least($2::integer, $4::integer) for update skip locked),
       others as (
         select run, name from fairway.jobs where state = 'pending' and ready_at is not null and stage <> $3
         order by ready_at, place limit $2::integer - (select count(*) from narrow) for update skip locked)
       update fairway.jobs j
       set state = 'running', claimed_by = $1, epoch = j.epoch + 1, begun = true, handed_at = now(), started_at = now(), message = null,
         deadline_at = case when timeout_ms > 0 then now() + timeout_ms * interval '1 millisecond' end
       from (select * from narrow union all select * from others) as next
       where j.run = next.run and j.name = next.name and exists (select from fairway.workers w where w.id = $1 and not w.dead)
       returning ${jobColumns}`,
      [worker, limit, narrow.stage, Math.max(0, narrow.room)],
    );
    const jobs = claimed.map(jobOf);
    for (const job of jobs) tell(tx, job);
    return jobs;
  });
}

/** How a worker finds an attempt that the durable engine gives it to execute. */
export type Adoption =
  | { readonly found: "ours"; readonly job: Job }
  /** It has ended already; there is nothing to execute. */
  | { readonly found: "settled" }
  /** Another worker executes it. */
  | { readonly found: "taken" };

/** Takes an attempt that nobody executes. */
export async function adopt(
  store: Store,
  worker: string,
  { run, job, attempt }: { readonly run: RunId; readonly job: string; readonly attempt: number },
): Promise<Adoption> {
  return store.transaction(async (tx) => {
    const [row] = await tx.rows<JobRow>(
      `update fairway.jobs j set claimed_by = $1, begun = true, epoch = epoch + 1,
         deadline_at = coalesce(deadline_at, case when timeout_ms > 0 then now() + timeout_ms * interval '1 millisecond' end)
       where run = $2 and name = $3 and attempt = $4 and state = 'running' and (claimed_by is null or claimed_by = $1)
         and exists (select from fairway.workers w where w.id = $1 and not w.dead)
       returning ${jobColumns}`,
      [worker, run, job, attempt],
    );
    if (row !== undefined) return { found: "ours", job: jobOf(row) };
    const [other] = await tx.rows(
      "select from fairway.jobs where run = $1 and name = $2 and attempt = $3 and state = 'running'",
      [run, job, attempt],
    );
    return { found: other === undefined ? "settled" : "taken" };
  });
}

/** Of jobs `j`: attempts that worker $1 should execute and that are none of those, $2, that it does. */
const lost = `j.claimed_by = $1 and j.state = 'running'
  and not exists (select from json_to_recordset($2) as l(run text, name text) where l.run = j.run and l.name = j.name)`;

/** Attempts that nobody executes, but for those that were handed over a moment ago. */
const abandoned = `state = 'running' and claimed_by is null and (handed_at is null or abs(extract(epoch from now() - handed_at)) > 10)`;

/** Jobs that have taken longer than they may, and that nobody has told to stop or holds where they are. */
export const lateJobs = `state in ('running', 'waiting') and stop is null and deadline_at <= now()
  and not exists (select from fairway.runs held where held.id = run and held.paused_at is not null and not held.stopping)`;

const placesOf = (jobs: readonly Pick<Job, "run" | "name">[]): string =>
  JSON.stringify(jobs.map(({ run, name }) => ({ run, name })));

/** What a worker that looks around finds: most often nothing, in one question. */
export interface FoundAround {
  readonly lost: boolean;
  readonly abandoned: boolean;
  readonly late: boolean;
  readonly ready: boolean;
}

/** Whether there is anything that signals should have told a worker, or that nobody could tell it. */
export async function lookAround(
  sql: Sql,
  worker: string,
  live: readonly Pick<Job, "run" | "name">[],
): Promise<FoundAround> {
  const [found] = await sql.rows<FoundAround>(
    `select exists (select from fairway.jobs j where ${lost}) as lost,
       exists (select from fairway.jobs where ${abandoned}) as abandoned,
       exists (select from fairway.jobs where ${lateJobs}) as late,
       exists (select from fairway.jobs where state = 'pending' and ready_at is not null) as ready`,
    [worker, placesOf(live)],
  );
  return found ?? { lost: false, abandoned: false, late: false, ready: false };
}

/** Lets go of attempts that a worker should execute and does not, all but those that it does. */
export async function releaseLost(sql: Sql, worker: string, live: readonly Pick<Job, "run" | "name">[]): Promise<void> {
  await sql.rows(`update fairway.jobs j set claimed_by = null, handed_at = null, epoch = epoch + 1 where ${lost}`, [
    worker,
    placesOf(live),
  ]);
}

/**
 * Attempts that nobody executes, locked while `hand` gives them back to the durable engine. One that was just handed
 * over is left alone for a while: whoever takes it up has not got to it yet, and must not be cut off when he has.
 */
export async function handOverAbandoned(store: Store, hand: (job: Job) => Promise<void>): Promise<number> {
  const found = await store.rows<{ run: RunId; name: string }>(`select run, name from fairway.jobs where ${abandoned}`);
  let handed = 0;
  for (const { run, name } of found) {
    await store.transaction(async (tx) => {
      const job = await holdAbandoned(tx, run, name);
      if (job === undefined) return;
      await hand(job);
      handed++;
    });
  }
  return handed;
}

async function holdAbandoned(tx: Transaction, run: RunId, name: string): Promise<Job | undefined> {
  const [row] = await tx.rows<JobRow>(
    `update fairway.jobs j set handed_at = now()
     from (select run, name from fairway.jobs where run = $1 and name = $2 and ${abandoned} for update skip locked) as free
     where j.run = free.run and j.name = free.name
     returning ${jobColumns}`,
    [run, name],
  );
  return row && jobOf(row);
}
