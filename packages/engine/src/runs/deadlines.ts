import type { Millis, RunId } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { JobStanding, StandingRow, StopOrder } from "../store/jobs.ts";
import { changeJob, standingColumns, standingOf } from "../store/jobs.ts";
import { changeRun, holdRun } from "../store/runs.ts";
import type { Sql, Store } from "../store/store.ts";
import { lateJobs } from "../store/workers.ts";

/** Orders every job that is past its deadline to stop, and says that its run needs a person. Any worker may do it. */
export async function enforceDeadlines(store: Store): Promise<void> {
  const found = await store.rows<{ run: RunId; name: string }>(`select run, name from fairway.jobs where ${lateJobs}`);
  for (const { run: id, name } of found) {
    await store.transaction(async (tx) => {
      await holdRun(tx, id);
      const [row] = await tx.rows<StandingRow>(
        `select ${standingColumns} from fairway.jobs j where run = $1 and name = $2 and ${lateJobs} for update`,
        [id, name],
      );
      if (row === undefined) return;
      const job = standingOf(row);
      const why = `${name} took longer than ${spell(job.timeout)}`;
      // What only waits has nothing to stop; it goes on waiting, but not in silence.
      await changeJob(tx, job, { stop: { cause: "deadline", why } });
      tx.signal({ kind: "stop", run: id });
      // Where something is there to put things right, how that ends says whether a person is needed.
      if (job.state === "running" && (await isPutRight(tx, job))) return;
      await changeRun(tx, id, {
        attention:
          job.state === "waiting"
            ? {
                why: `${why}: it ${job.message ?? "waits"}`,
                action: `answer it, or cancel it: fairway run cancel ${id}`,
              }
            : {
                why,
                action: `see what it does: fairway logs --run ${id}; then cancel or retry it: fairway run cancel ${id}, fairway run retry ${id}`,
              },
      });
    });
  }
}

async function isPutRight(sql: Sql, { run, name }: Pick<JobStanding, "run" | "name">): Promise<boolean> {
  const found = await sql.rows(
    "select from fairway.jobs where run = $1 and turn = 'after-trouble' and state = 'pending' and $2 = any(needs) limit 1",
    [run, name],
  );
  return found.length > 0;
}

/** What the signal of an attempt says when it must stop. */
export const stopError = ({ cause, why }: StopOrder): FairwayError =>
  new FairwayError(cause === "deadline" ? "deadline_passed" : "not_allowed_now", why);

/**
 * Notices that the database's clock, by which deadlines are kept, was set: then the deadlines of a worker's attempts move
 * with it. Also after the machine has slept.
 */
export class ClockWatch {
  #before: { readonly database: number; readonly own: number } | undefined;

  /** How far the clock has jumped since it was last looked at; 0 when it went as clocks do. */
  jump(database: Date, own: number = performance.now()): Millis {
    const before = this.#before;
    this.#before = { database: database.getTime(), own };
    if (before === undefined) return 0;
    const jump = database.getTime() - before.database - (own - before.own);
    return Math.abs(jump) < 2_000 ? 0 : Math.round(jump);
  }
}

/** Moves the deadlines of what a worker executes. */
export async function moveDeadlines(sql: Sql, worker: string, by: Millis): Promise<void> {
  await sql.rows(
    `update fairway.jobs set deadline_at = deadline_at + $2 * interval '1 millisecond' where claimed_by = $1 and state = 'running'`,
    [worker, by],
  );
}

function spell(time: Millis): string {
  if (time < 1_000) return `${time} ms`;
  return time < 120_000 ? `${Math.round(time / 1_000)} s` : `${Math.round(time / 60_000)} min`;
}
