import { isTerminal } from "@fairway/core";
import { leaveTurns, supersededTurns } from "../store/concurrency-turns.ts";
import type { HeldJob, JobStanding } from "../store/jobs.ts";
import { changeJob, holdJob, jobsOfHeldRun } from "../store/jobs.ts";
import type { Run } from "../store/runs.ts";
import { changeRun } from "../store/runs.ts";
import type { Transaction } from "../store/store.ts";
import { legOf, legsToEnd } from "./matrix-legs.ts";

/** Whether a job is the one, or a leg of the one, that holds a turn. */
const belongsTo = (job: HeldJob, holder: string): boolean => job.name === holder || legOf(job)?.of === holder;

/**
 * Ends what has lost its point: legs of a matrix in which one failed, and what makes way for a later run of its concurrency
 * group. A job that runs is asked to stop; one that does not is over at once.
 */
export async function endWhatLostItsPoint(
  tx: Transaction,
  run: Run,
  jobs: readonly HeldJob[],
): Promise<{ readonly run: Run; readonly jobs: readonly HeldJob[] }> {
  let now = run;
  const toEnd = legsToEnd(jobs).map(({ leg, failed }) => ({ job: leg, why: `${failed} failed` }));
  if (jobs.some(({ stage }) => stage === "concurrency"))
    for (const turn of await supersededTurns(tx, run.id)) {
      const why = `${turn.by} came later in the same concurrency group`;
      const isHis = (job: HeldJob): boolean =>
        job.turn === "after-all" && (turn.holder === null || belongsTo(job, turn.holder));
      if (turn.holder === null && !now.stopping)
        now = await changeRun(tx, run.id, { stopping: true, stoppedBy: turn.by });
      toEnd.push(...jobs.filter((job) => isHis(job) && !isTerminal(job.state)).map((job) => ({ job, why })));
    }
  let changed = false;
  for (const { job, why } of toEnd) changed = (await endJob(tx, job, why)) || changed;
  if (changed) tx.signal({ kind: "stop", run: run.id });
  return { run: now, jobs: changed ? await jobsOfHeldRun(tx, run.id) : jobs };
}

/** Whether something was changed. The row is held first, because a worker may be claiming it. */
async function endJob(tx: Transaction, { run, name }: HeldJob, why: string): Promise<boolean> {
  const job: JobStanding | undefined = await holdJob(tx, run, name);
  if (job === undefined || isTerminal(job.state) || job.stop !== null) return false;
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
    const his = jobs.filter((other) => belongsTo(other, holder));
    return his.length > 0 && his.every(({ state }) => isTerminal(state));
  });
  if (over.length > 0)
    await leaveTurns(
      tx,
      run.id,
      over.map(({ name }) => name),
    );
}
