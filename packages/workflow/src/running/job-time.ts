import type { Millis } from "@fairway/core";
import type { Scalar } from "../model/job.ts";
import { Evaluation } from "./evaluation.ts";
import { reportIssue } from "./step-issue.ts";
import { Draft, nothingInherited, type RunningJob } from "./running-job.ts";

const minute: Millis = 60_000;
/** What GitHub gives a job that sets no limit, and the steps that still run after a cancel. */
const defaultMinutes = { job: 360, afterCancel: 5 };

/** The time of a job: watched from when it first started, also by a later daemon. */
export interface JobTime {
  /** Aborted when even steps that run after a cancel have had their time. */
  readonly giveUp: AbortSignal;
  close(): void;
}

/**
 * Cancels a job whose time is over, and ends what still runs some minutes after any cancel.
 */
export function watchJobTime(job: RunningJob, limit: Scalar | undefined, afterCancel: Scalar | undefined): JobTime {
  const giveUp = new AbortController();
  const timers = new Set<NodeJS.Timeout>();
  const after = (wait: Millis, act: () => void): void => {
    // A process that lets go of the job in the middle is not kept from ending: the next one goes on with it.
    timers.add(setTimeout(act, Math.min(Math.max(0, wait), 2 ** 31 - 1)).unref());
  };
  const minutes = minutesOf(job, limit, defaultMinutes.job);
  after(job.host.startedAt + minutes * minute - Date.now(), () => {
    const message = `The job has exceeded the maximum execution time of ${minutes} minutes.`;
    reportIssue(job, new Draft("complete", nothingInherited), "error", message);
    job.endTime();
  });
  const onCancel = (): void =>
    after(minutesOf(job, afterCancel, defaultMinutes.afterCancel) * minute, () => giveUp.abort());
  if (job.signal.aborted) onCancel();
  else job.signal.addEventListener("abort", onCancel, { once: true });
  return {
    giveUp: giveUp.signal,
    close: () => {
      job.signal.removeEventListener("abort", onCancel);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function minutesOf(job: RunningJob, template: Scalar | undefined, otherwise: number): number {
  if (template === undefined) return otherwise;
  const minutes = Number(new Evaluation(job, job.contexts, () => job.status).text(template));
  return Number.isFinite(minutes) && minutes > 0 ? minutes : otherwise;
}
