import type { TerminalState } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import type { Job, JobStanding } from "../store/jobs.ts";
import { changeJob, holdJob, jobsOfHeldRun } from "../store/jobs.ts";
import type { Run } from "../store/runs.ts";
import { changeRun, holdRun } from "../store/runs.ts";
import type { Store, Transaction } from "../store/store.ts";
import { advance } from "./advance.ts";
import type { Attention, Json, Outcome } from "./stage.ts";

/** What was thrown by a stage, as an outcome. */
export function errored(thrown: unknown): Outcome {
  const hint = codeOf(thrown) === undefined ? undefined : (thrown as { readonly hint?: string }).hint;
  const between = hint !== undefined && /^[A-Z]/.test(hint) ? ". " : "; ";
  return {
    outcome: "errored",
    reason: hint === undefined ? messageOf(thrown) : `${messageOf(thrown)}${between}${hint}`,
  };
}

/**
 * Records how an attempt ended and gives the next their turn, in one transaction. Nothing is recorded when the attempt
 * was taken over, or has ended, since: `false`.
 */
export async function settle(store: Store, job: Job, ending: Outcome): Promise<boolean> {
  return store.transaction(async (tx) => {
    const held = await holdAttempt(tx, job);
    if (held === undefined) return false;
    await changeJob(tx, held.job, { ...changeFor(held.job, ending), ended: true, released: true });
    const asks = "attention" in ending && held.job.stop === null ? ending.attention : undefined;
    const run = asks === undefined ? held.run : await changeRun(tx, job.run, { attention: asks });
    await advance(tx, job.run, { run, jobs: await jobsOfHeldRun(tx, job.run) });
    return true;
  });
}

/** Ends an attempt that nobody executes as one that could not be found out about, and asks for a person. */
export async function giveUp(store: Store, job: Job, reason: string, attention: Attention): Promise<void> {
  await store.transaction(async (tx) => {
    const held = await holdAttempt(tx, job);
    if (held === undefined) return;
    await changeJob(tx, held.job, { state: "errored", reason, message: null, ended: true, released: true });
    await changeRun(tx, job.run, { attention });
    await advance(tx, job.run);
  });
}

/** The run and the job, held, when this execution of the attempt is still the newest. */
async function holdAttempt(
  tx: Transaction,
  { run: id, name, attempt, epoch }: Job,
): Promise<{ readonly run: Run; readonly job: JobStanding } | undefined> {
  const run = await holdRun(tx, id);
  const job = await holdJob(tx, id, name);
  const isNewest = job?.state === "running" && job.attempt === attempt && job.epoch === epoch;
  return isNewest ? { run, job } : undefined;
}

type Settled = { readonly state: TerminalState; readonly reason: string | null; readonly message: string | null };

function changeFor(job: JobStanding, ending: Outcome): Settled & { readonly result?: Json } {
  // What was done although it was to stop is done.
  if (ending.outcome === "succeeded")
    return { state: "succeeded", reason: null, message: ending.summary ?? null, result: ending.result ?? null };
  const result = ending.result === undefined ? {} : { result: ending.result };
  switch (job.stop?.cause) {
    case "cancelled":
      return { state: "aborted", reason: job.stop.why, message: null, ...result };
    case "deadline":
      return { state: "errored", reason: job.stop.why, message: null, ...result };
    case undefined:
      return { state: ending.outcome, reason: ending.reason, message: null, ...result };
  }
}
