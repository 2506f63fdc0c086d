import type { RunId, State, Timestamp } from "@fairway/core";
import type { Sql, Transaction } from "./store.ts";
import { text } from "./store.ts";

/** What people see of a step. What was recorded of it, and is returned after a crash, the durable engine keeps. */
export interface Step {
  readonly job: string;
  readonly attempt: number;
  /** Counts from 1 within its attempt. */
  readonly seq: number;
  readonly name: string;
  /** What people call it, where the name does not tell. */
  readonly title: string | null;
  readonly state: State;
  /** Why it could not be done. */
  readonly message: string | null;
  readonly startedAt: Timestamp;
  readonly endedAt: Timestamp | null;
}

/** How a step stands, as the worker that executes it sees it. */
export interface StepSight {
  readonly run: RunId;
  readonly job: string;
  readonly attempt: number;
  readonly epoch: number;
  readonly seq: number;
  readonly name: string;
  readonly title: string | null;
  readonly state: "running" | "succeeded" | "failed" | "errored" | "aborted";
  readonly message: string | null;
  readonly startedAt: Timestamp;
  readonly endedAt: Timestamp | null;
}

/**
 * Writes down how steps stand, unless another worker has taken the attempt over since. A step that has ended stays as
 * it was: when an attempt goes on after a crash, its steps are seen again.
 */
export async function writeSteps(tx: Transaction, sights: readonly StepSight[]): Promise<void> {
  const newest = new Map(sights.map((sight) => [`${sight.run} ${sight.job} ${sight.attempt} ${sight.seq}`, sight]));
  const written = await tx.rows<{
    run: string;
    job: string;
    attempt: number;
    seq: number;
    name: string;
    title: string | null;
    state: string;
  }>(
    `insert into fairway.steps as s (run, job, attempt, seq, name, title, state, message, started_at, ended_at)
     select x.run, x.job, x.attempt, x.seq, x.name, x.title, x.state, x.message, x."startedAt", x."endedAt"
     from json_to_recordset($1) as x(run text, job text, attempt integer, epoch integer, seq integer, name text, title text, state text,
       message text, "startedAt" timestamptz, "endedAt" timestamptz)
     join fairway.jobs j on j.run = x.run and j.name = x.job and j.attempt = x.attempt and j.epoch = x.epoch
     on conflict (run, job, attempt, seq) do update
       set state = excluded.state, title = excluded.title, message = excluded.message, ended_at = excluded.ended_at
       where s.ended_at is null
     returning run, job, attempt, seq, name, title, state`,
    [
      JSON.stringify(
        [...newest.values()].map((sight) => ({
          ...sight,
          name: text(sight.name),
          title: sight.title && text(sight.title),
          message: sight.message && text(sight.message),
        })),
      ),
    ],
  );
  for (const { run, ...step } of written) tx.emit({ kind: "step.changed", subject: run, body: step });
}

/** The steps of a run's jobs, of all attempts, in their order. */
export async function stepsOf(sql: Sql, run: RunId): Promise<readonly Step[]> {
  const found = await sql.rows<Omit<Step, "startedAt" | "endedAt"> & { started_at: Date; ended_at: Date | null }>(
    "select job, attempt, seq, name, title, state, message, started_at, ended_at from fairway.steps where run = $1 order by job, attempt, seq",
    [run],
  );
  return found.map(({ started_at, ended_at, ...step }) => ({
    ...step,
    startedAt: started_at.toISOString(),
    endedAt: ended_at?.toISOString() ?? null,
  }));
}
