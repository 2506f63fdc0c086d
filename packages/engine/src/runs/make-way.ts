import { isTerminal } from "@fairway/core";
import { leaveTurns, supersededTurns } from "../store/concurrency-turns.ts";
import type { HeldJob, JobStanding } from "../store/jobs.ts";
import { changeJob, holdJob, jobsOfHeldRun } from "../store/jobs.ts";
import type { Run } from "../store/runs.ts";
import { changeRun } from "../store/runs.ts";
import type { Transaction } from "../store/store.ts";

/** Ends what makes way for a later run of its concurrency group. A job that runs is asked to stop; another is over at once. */
export async function makeWay(
  tx: Transaction,
  run: Run,
  jobs: readonly HeldJob[],
): Promise<{ readonly run: Run; readonly jobs: readonly HeldJob[] }> {
  let now = run;
  let changed = false;
  if (!jobs.some(({ stage }) => stage === "concurrency")) return { run, jobs };
  for (const turn of await supersededTurns(tx, run.id)) {
    const why = `${turn.by} came later in the same concurrency group`;
    if (turn.holder === null && !now.stopping) {
      now = await changeRun(tx, run.id, { stopping: true, stoppedBy: turn.by });
      changed = true;
    }
    const his = jobs.filter((job) => job.turn === "after-all" && (turn.holder === null || job.name === turn.holder));
    for (const job of his) changed = (await endJob(tx, job, why)) || changed;
  }
  if (changed) tx.signal({ kind: "stop", run: run.id });
  return { run: now, jobs: changed ? await jobsOfHeldRun(tx, run.id) : jobs };
}

/** Whether something was changed. The row is held first, because a worker may be claiming it. */
export async function endJob(
  tx: Transaction,
  { run, name }: Pick<JobStanding, "run" | "name">,
  why: string,
): Promise<boolean> {
  const job: JobStanding | undefined = await holdJob(tx, run, name);
  if (job === undefined || job.stage === "planned" || isTerminal(job.state) || job.stop !== null) return false;
  await changeJob(
    tx,
    job,
    job.state === "running"
      ? { stop: { cause: "cancelled", why } }
      : { state: "aborted", reason: why, message: null, ready: false, ended: true },
  );
  return true;
}

/** Gives up the turns of jobs that have ended while their run goes on. */
export async function leaveEndedTurns(tx: Transaction, run: Run, jobs: readonly HeldJob[]): Promise<void> {
  const over = jobs.filter((job) => {
    const holder = job.stage === "concurrency" ? (job.waitsFor as { readonly holder?: string | null }).holder : null;
    if (holder === null || holder === undefined || !isTerminal(job.state)) return false;
    return jobs.some((other) => other.name === holder && isTerminal(other.state));
  });
  if (over.length > 0)
    await leaveTurns(
      tx,
      run.id,
      over.map(({ name }) => name),
    );
}
