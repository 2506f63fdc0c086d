import type { AttemptId, JobView, Millis, RunId, State, Timestamp } from "@fairway/core";
import { attemptId, FairwayError } from "@fairway/core";
import type { JobPlan, Json } from "../runs/stage.ts";
import type { Sql, Transaction } from "./store.ts";
import { json, text } from "./store.ts";

/** Why an attempt must end before it is done. */
export interface StopOrder {
  readonly cause: "cancelled" | "deadline";
  /** One sentence for people. */
  readonly why: string;
}

/**
 * How one node of a run's graph stands, with its present attempt. Not what it was given and what it found out, which may be
 * large: whoever looks at all jobs of a run each time that one has ended would read them again and again.
 */
export interface JobStanding extends JobView {
  readonly run: RunId;
  readonly stage: string;
  readonly timeout: Millis;
  readonly attempt: number;
  /** Why it did not succeed. */
  readonly reason: string | null;
  /** What it does now or what it waits for; when it has ended, its summary. */
  readonly message: string | null;
  readonly readyAt: Timestamp | null;
  readonly startedAt: Timestamp | null;
  readonly endedAt: Timestamp | null;
  readonly deadlineAt: Timestamp | null;
  /** The worker that executes it. */
  readonly claimedBy: string | null;
  readonly epoch: number;
  readonly stop: StopOrder | null;
}

/** One node of a run's graph, with what it works on. */
export interface Job extends JobStanding {
  readonly input: Json;
}

/** A job of a run that is held. One that only waits has no stage but the engine itself, which needs its input. */
export interface HeldJob extends JobStanding {
  /** The input of what only waits; null of every other job. */
  readonly waitsFor: Json;
}

/** A row as the database gives it. */
export interface StandingRow {
  run: RunId;
  name: string;
  stage: string;
  needs: string[];
  turn: JobPlan["turn"];
  timeout_ms: number;
  state: State;
  attempt: number;
  reason: string | null;
  message: string | null;
  ready_at: Date | null;
  started_at: Date | null;
  ended_at: Date | null;
  deadline_at: Date | null;
  claimed_by: string | null;
  epoch: number;
  stop: StopOrder | null;
}

/** The same with the input. */
export interface JobRow extends StandingRow {
  input: Json;
}

/** The columns of a job's standing. */
export const standingColumns = `j.run, j.name, j.stage, j.needs, j.turn, j.timeout_ms::float8 as timeout_ms, j.state, j.attempt,
  j.reason, j.message, j.ready_at, j.started_at, j.ended_at, j.deadline_at, j.claimed_by, j.epoch, j.stop`;

/** The columns of a job that is to be executed, for `returning`. */
export const jobColumns: string = `${standingColumns}, j.input`;

const iso = (date: Date | null): Timestamp | null => date?.toISOString() ?? null;

/** The job that a row describes. */
export const jobOf = (row: JobRow): Job => ({ ...standingOf(row), input: row.input });

/** How the job that a row describes stands. */
export const standingOf = (row: StandingRow): JobStanding => ({
  run: row.run,
  name: row.name,
  stage: row.stage,
  needs: row.needs,
  turn: row.turn,
  timeout: row.timeout_ms,
  state: row.state,
  attempt: row.attempt,
  reason: row.reason,
  message: row.message,
  readyAt: iso(row.ready_at),
  startedAt: iso(row.started_at),
  endedAt: iso(row.ended_at),
  deadlineAt: iso(row.deadline_at),
  claimedBy: row.claimed_by,
  epoch: row.epoch,
  stop: row.stop,
});

/** The id of a job's present attempt. */
export const attemptOf = (job: Pick<JobStanding, "run" | "name" | "attempt">): AttemptId =>
  attemptId(job.run, job.name, job.attempt);

/** Takes an attempt's id apart. A job's name may itself hold slashes: `run-17/check:api/lint/2`. */
export function partsOf(id: AttemptId): { readonly run: RunId; readonly job: string; readonly attempt: number } {
  const [first, last] = [id.indexOf("/"), id.lastIndexOf("/")];
  return { run: id.slice(0, first) as RunId, job: id.slice(first + 1, last), attempt: Number(id.slice(last + 1)) };
}

/** What no attempt does, because it only waits; `planned` waits until the plan of its run says what becomes of it. */
export const waitingStages = ["approval", "notice", "lock", "concurrency", "planned"] as const;

/**
 * What may have no deadline: what waits for people or for its turn, and a workflow's job, which ends itself by its
 * `timeout-minutes`.
 */
const undatedStages: ReadonlySet<string> = new Set([...waitingStages, "workflow-job"]);

/** So that nothing which acts can be forgotten and hang for ever. */
function assertDeadline({ name, stage, timeout }: Pick<JobPlan, "name" | "stage" | "timeout">): void {
  if (timeout > 0 || undatedStages.has(stage)) return;
  throw new FairwayError("internal", `the job ${name} was planned without a deadline`);
}

/** Writes down the jobs of a new run. Throws `internal` where one that acts has no deadline. */
export async function insertJobs(tx: Transaction, run: RunId, jobs: readonly JobPlan[]): Promise<void> {
  jobs.forEach(assertDeadline);
  await tx.rows(
    `insert into fairway.jobs (run, name, place, stage, needs, turn, input, timeout_ms)
     select $1, p.name, p.place, p.stage, array(select json_array_elements_text(p.needs)), p.turn, coalesce(p.input, 'null'), p.timeout
     from json_to_recordset($2) as p(name text, place integer, stage text, needs json, turn text, input json, timeout bigint)`,
    [run, JSON.stringify(jobs.map((job, at) => ({ ...job, timeout: Math.ceil(job.timeout), place: at })))],
  );
}

/** Writes down one more job of a run that goes on, or what an earlier plan of it has become. */
export async function putJob(
  tx: Transaction,
  run: RunId,
  job: JobPlan & { readonly place: number },
): Promise<JobStanding> {
  assertDeadline(job);
  const [row] = await tx.rows<StandingRow>(
    `insert into fairway.jobs as j (run, name, place, stage, needs, turn, input, timeout_ms)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (run, name) do update set stage = excluded.stage, needs = excluded.needs, turn = excluded.turn,
       input = excluded.input, timeout_ms = excluded.timeout_ms
     returning ${standingColumns}`,
    [run, job.name, job.place, job.stage, job.needs, job.turn, json(job.input), Math.ceil(job.timeout)],
  );
  if (row === undefined) throw new TypeError(`${run} has no job ${job.name}`);
  const put = standingOf(row);
  tell(tx, put);
  return put;
}

/** Forgets jobs that will never be. */
export async function forgetJobs(tx: Transaction, run: RunId, names: readonly string[]): Promise<void> {
  if (names.length > 0) await tx.rows("delete from fairway.jobs where run = $1 and name = any($2)", [run, names]);
}

/** What the jobs of some stages have found out, by name; of those that have ended. */
export async function resultsOf(sql: Sql, run: RunId, stages: readonly string[]): Promise<ReadonlyMap<string, Json>> {
  const found = await sql.rows<{ readonly name: string; readonly result: Json }>(
    "select name, result from fairway.jobs where run = $1 and stage = any($2) and ended_at is not null",
    [run, stages],
  );
  return new Map(found.map((job) => [job.name, job.result]));
}

/** How the jobs of a run stand, in the order in which they were planned. */
export async function standingsOf(sql: Sql, run: RunId): Promise<readonly JobStanding[]> {
  const found = await sql.rows<StandingRow>(
    `select ${standingColumns} from fairway.jobs j where run = $1 order by place, length(name), name`,
    [run],
  );
  return found.map(standingOf);
}

const inPlan = `select ${standingColumns},
  case when j.stage in ('approval', 'notice', 'lock', 'concurrency') then j.input end as waits_for
  from fairway.jobs j where run = $1 order by place, length(name), name`;

const heldOf = (row: StandingRow & { readonly waits_for: Json }): HeldJob => ({
  ...standingOf(row),
  waitsFor: row.waits_for,
});

/**
 * The jobs of a run that is held, to decide what comes next. Workers may claim meanwhile what is ready, which changes no
 * decision: what is ready is as much under way as what runs. A lock on each row would be a write for each job of the run.
 */
export async function jobsOfHeldRun(tx: Transaction, run: RunId): Promise<readonly HeldJob[]> {
  return (await tx.rows<StandingRow & { readonly waits_for: Json }>(inPlan, [run])).map(heldOf);
}

/** The same, and held as well, so that no worker claims one meanwhile. */
export async function holdJobs(tx: Transaction, run: RunId): Promise<readonly HeldJob[]> {
  return (await tx.rows<StandingRow & { readonly waits_for: Json }>(`${inPlan} for update`, [run])).map(heldOf);
}

/** One job of a run that is held, held as well. */
export async function holdJob(tx: Transaction, run: RunId, name: string): Promise<JobStanding | undefined> {
  const [row] = await tx.rows<StandingRow>(
    `select ${standingColumns} from fairway.jobs j where run = $1 and name = $2 for update`,
    [run, name],
  );
  return row && standingOf(row);
}

/** What a worker executes and must stop. */
export async function jobsToStop(sql: Sql, worker: string): Promise<readonly JobStanding[]> {
  const found = await sql.rows<StandingRow>(
    `select ${standingColumns} from fairway.jobs j where claimed_by = $1 and state = 'running' and stop is not null`,
    [worker],
  );
  return found.map(standingOf);
}

/** What may change about a job. */
export type JobChange = Partial<Pick<JobStanding, "stage" | "state" | "attempt" | "reason" | "message" | "stop">> & {
  /** What it found out. */
  readonly result?: Json;
  readonly ready?: boolean;
  readonly began?: boolean;
  readonly ended?: boolean;
  /** Nobody executes it any more. */
  readonly released?: true;
  /** It starts from nothing: what its last attempt left is forgotten. */
  readonly afresh?: true;
};

/** Changes a job, and says so. */
export async function changeJob(
  tx: Transaction,
  job: Pick<JobStanding, "run" | "name">,
  change: JobChange,
): Promise<JobStanding> {
  const values: unknown[] = [job.run, job.name];
  const set: string[] = [];
  const assign = (column: string, value: unknown): void => void set.push(`${column} = $${values.push(value)}`);
  if (change.afresh)
    set.push(
      "started_at = null, ended_at = null, deadline_at = null, claimed_by = null, begun = false, handed_at = null, suspicion = 0, suspected_at = -1, result = null, reason = null, message = null, stop = null",
    );
  if (change.stage !== undefined) assign("stage", change.stage);
  if (change.state !== undefined) assign("state", change.state);
  if (change.attempt !== undefined) assign("attempt", change.attempt);
  if (change.reason !== undefined) assign("reason", change.reason && text(change.reason));
  if (change.message !== undefined) assign("message", change.message && text(change.message));
  if (change.stop !== undefined) assign("stop", change.stop && json(change.stop));
  if (change.result !== undefined) assign("result", json(change.result));
  if (change.ready !== undefined) set.push(change.ready ? "ready_at = now()" : "ready_at = null");
  if (change.began)
    set.push(
      "started_at = now(), deadline_at = case when timeout_ms > 0 then now() + timeout_ms * interval '1 millisecond' end",
    );
  if (change.ended) set.push("ended_at = now(), ready_at = null");
  if (change.released) set.push("claimed_by = null");
  const [row] = await tx.rows<StandingRow>(
    `update fairway.jobs j set ${set.join(", ")} where run = $1 and name = $2 returning ${standingColumns}`,
    values,
  );
  if (row === undefined) throw new TypeError(`${job.run} has no job ${job.name}`);
  const changed = standingOf(row);
  tell(tx, changed);
  return changed;
}

/** Tells everybody how a job stands. */
export function tell(tx: Transaction, job: JobStanding): void {
  tx.emit({
    kind: "job.changed",
    subject: job.run,
    body: { job: job.name, state: job.state, attempt: job.attempt, message: job.message, reason: job.reason },
  });
}

/** The results of the jobs that a job needs, and of those that they need, by name; of those that succeeded. */
export async function resultsFor(sql: Sql, run: RunId, name: string): Promise<ReadonlyMap<string, Json>> {
  const found = await sql.rows<{ readonly name: string; readonly result: Json }>(
    `with recursive needed (name) as (
       select unnest(needs) from fairway.jobs where run = $1 and name = $2
       union
       select unnest(j.needs) from needed join fairway.jobs j on j.run = $1 and j.name = needed.name)
     select j.name, j.result from needed join fairway.jobs j on j.run = $1 and j.name = needed.name
     where j.state = 'succeeded' order by j.place`,
    [run, name],
  );
  return new Map(found.map((job) => [job.name, job.result]));
}
