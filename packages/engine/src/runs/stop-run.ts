import { changeJob, holdJobs } from "../store/jobs.ts";
import type { Run, RunChange } from "../store/runs.ts";
import { changeRun } from "../store/runs.ts";
import type { Sql, Transaction } from "../store/store.ts";

/** Asks what a run, which is held, has under way to stop, also where it was paused. What puts things right is left to it. */
export async function stopRun(
  tx: Transaction,
  run: Run,
  { by, keep }: { readonly by: string; readonly keep: boolean },
): Promise<Run> {
  const thaws = run.frozen ? { attention: null } : {};
  const goesOn = await unpaused(tx, run);
  const stopping = await changeRun(tx, run.id, { stopping: true, stoppedBy: by, frozen: keep, ...thaws, ...goesOn });
  for (const job of await holdJobs(tx, run.id)) {
    // Who puts things right, or comes in any case, is left to it.
    if (job.turn !== "after-success" && job.turn !== "after-all") continue;
    if (job.turn === "after-success" && job.state === "pending" && job.readyAt !== null)
      await changeJob(tx, job, { ready: false });
    if (job.state === "running" && job.stop === null)
      await changeJob(tx, job, { stop: { cause: "cancelled", why: stoppedReason(stopping) } });
  }
  tx.signal({ kind: "stop", run: run.id });
  return stopping;
}

/** Ends the pause of a run, if there is one: the time of its jobs goes on from where it stood still. */
export async function unpaused(sql: Sql, { id, paused }: Pick<Run, "id" | "paused">): Promise<RunChange> {
  if (paused === null) return {};
  await sql.rows(
    `update fairway.jobs j set deadline_at = j.deadline_at + (now() - greatest(r.paused_at, j.started_at))
     from fairway.runs r
     where r.id = $1 and j.run = r.id and j.state in ('running', 'waiting') and j.deadline_at is not null`,
    [id],
  );
  return { paused: null };
}

/** Why a job was stopped, when a person stopped its run. */
export const stoppedReason = (run: Pick<Run, "stoppedBy">): string => `${run.stoppedBy ?? "somebody"} stopped the run`;
