import type { AttemptId, JobView, Millis, RunId, State, Timestamp } from "@fairway/core";
import { attemptId } from "@fairway/core";
import type { JobPlan, Json } from "../runs/stage.ts";
import type { Sql, Transaction } from "./store.ts";
import { json, text } from "./store.ts";

/** Why an attempt must end before it is done. */
export interface StopOrder {
  readonly cause: "cancelled" | "deadline";
  /** One sentence for people. */
  readonly why: string;
}

/** One node of a run's graph, with its present attempt. */
export interface Job extends JobView {
  readonly run: RunId;
  readonly stage: string;
  readonly input: Json;
  readonly timeout: Millis;
  readonly attempt: number;
  /** What it found out; null until it succeeded. */
  readonly result: Json;
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

/** A row as the database gives it. */
export interface JobRow {
  run: RunId;
  name: string;
  stage: string;
  needs: string[];
  turn: JobPlan["turn"];
  input: Json;
  timeout_ms: number;
  state: State;
  attempt: number;
  result: Json;
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

/** All columns of a job, for `returning`. */
export const jobColumns = `j.run, j.name, j.stage, j.needs, j.turn, j.input, j.timeout_ms::float8 as timeout_ms, j.state, j.attempt,
  j.result, j.reason, j.message, j.ready_at, j.started_at, j.ended_at, j.deadline_at, j.claimed_by, j.epoch, j.stop`;

const iso = (date: Date | null): Timestamp | null => date?.toISOString() ?? null;

/** The job that a row describes. */
export const jobOf = (row: JobRow): Job => ({
  run: row.run,
  name: row.name,
  stage: row.stage,
  needs: row.needs,
  turn: row.turn,
  input: row.input,
  timeout: row.timeout_ms,
  state: row.state,
  attempt: row.attempt,
  result: row.result,
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
export const attemptOf = (job: Pick<Job, "run" | "name" | "attempt">): AttemptId =>
  attemptId(job.run, job.name, job.attempt);

/** Takes an attempt's id apart. A job's name may itself hold slashes: `run-17/check:api/lint/2`. */
export function partsOf(id: AttemptId): { readonly run: RunId; readonly job: string; readonly attempt: number } {
  const [first, last] = [id.indexOf("/"), id.lastIndexOf("/")];
  return { run: id.slice(0, first) as RunId, job: id.slice(first + 1, last), attempt: Number(id.slice(last + 1)) };
}

/** Writes down the jobs of a new run. */
export async function insertJobs(tx: Transaction, run: RunId, jobs: readonly JobPlan[]): Promise<void> {
  await tx.rows(
    `insert into fairway.jobs (run, name, place, stage, needs, turn, input, timeout_ms)
     select $1, p.name, p.place, p.stage, array(select json_array_elements_text(p.needs)), p.turn, coalesce(p.input, 'null'), p.timeout
     from json_to_recordset($2) as p(name text, place integer, stage text, needs json, turn text, input json, timeout bigint)`,
    [run, JSON.stringify(jobs.map((job, place) => ({ ...job, timeout: Math.ceil(job.timeout), place })))],
  );
}

/** The jobs of a run in the order in which they were planned. */
export async function jobsOf(sql: Sql, run: RunId): Promise<readonly Job[]> {
  const found = await sql.rows<JobRow>(`select ${jobColumns} from fairway.jobs j where run = $1 order by place`, [run]);
  return found.map(jobOf);
}

/** The same, held until the transaction ends, so that no worker claims one meanwhile. Hold the run first. */
export async function holdJobs(tx: Transaction, run: RunId): Promise<readonly Job[]> {
  const found = await tx.rows<JobRow>(
    `select ${jobColumns} from fairway.jobs j where run = $1 order by place for update`,
    [run],
  );
  return found.map(jobOf);
}

/** What a worker executes and must stop. */
export async function jobsToStop(sql: Sql, worker: string): Promise<readonly Job[]> {
  const found = await sql.rows<JobRow>(
    `select ${jobColumns} from fairway.jobs j where claimed_by = $1 and state = 'running' and stop is not null`,
    [worker],
  );
  return found.map(jobOf);
}

/** What may change about a job. */
export type JobChange = Partial<Pick<Job, "state" | "attempt" | "reason" | "message" | "stop" | "result">> & {
  readonly ready?: boolean;
  readonly began?: boolean;
  readonly ended?: boolean;
  /** Nobody executes it any more. */
  readonly released?: true;
  /** It starts from nothing: what its last attempt left is forgotten. */
  readonly afresh?: true;
};

/** Changes a job, and says so. */
export async function changeJob(tx: Transaction, job: Pick<Job, "run" | "name">, change: JobChange): Promise<Job> {
  const values: unknown[] = [job.run, job.name];
  const set: string[] = [];
  const assign = (column: string, value: unknown): void => void set.push(`${column} = $${values.push(value)}`);
  if (change.afresh)
    set.push(
      "started_at = null, ended_at = null, deadline_at = null, claimed_by = null, begun = false, handed_at = null, suspicion = 0, suspected_at = -1, result = null, reason = null, message = null, stop = null",
    );
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
  const [row] = await tx.rows<JobRow>(
    `update fairway.jobs j set ${set.join(", ")} where run = $1 and name = $2 returning ${jobColumns}`,
    values,
  );
  if (row === undefined) throw new TypeError(`${job.run} has no job ${job.name}`);
  const changed = jobOf(row);
  tell(tx, changed);
  return changed;
}

/** Tells everybody how a job stands. */
export function tell(tx: Transaction, job: Job): void {
  tx.emit({
    kind: "job.changed",
    subject: job.run,
    body: { job: job.name, state: job.state, attempt: job.attempt, message: job.message, reason: job.reason },
  });
}

/** The results of the jobs that a job needs, and of those that they need, by name. */
export function resultsFor(name: string, jobs: readonly Job[]): ReadonlyMap<string, Json> {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const results = new Map<string, Json>();
  const visit = (of: string): void => {
    for (const needed of byName.get(of)?.needs ?? []) {
      const job = byName.get(needed);
      if (job === undefined || results.has(needed)) continue;
      if (job.state === "succeeded") results.set(needed, job.result);
      visit(needed);
    }
  };
  visit(name);
  return results;
}
