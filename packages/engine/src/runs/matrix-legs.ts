import { isTerminal } from "@fairway/core";
import type { HeldJob } from "../store/jobs.ts";

/** What a leg of a matrix says of the others: which job they are legs of, how many go at a time, what a failed one means. */
export interface Leg {
  readonly of: string;
  /** 0 for any number. */
  readonly maxParallel: number;
  readonly failFast: boolean;
}

/** The leg that a job is, if it is one. */
export function legOf(job: HeldJob): Leg | undefined {
  return job.stage === "workflow-job" ? ((job.waitsFor as unknown as Leg | null) ?? undefined) : undefined;
}

const isUnderWay = (job: HeldJob): boolean =>
  job.state === "running" || job.state === "waiting" || (job.state === "pending" && job.readyAt !== null);

/** Whether as many of its fellow legs are under way as may be. */
export function mustWaitForLegs(job: HeldJob, jobs: readonly HeldJob[]): boolean {
  const leg = legOf(job);
  if (leg === undefined || leg.maxParallel <= 0) return false;
  return jobs.filter((other) => legOf(other)?.of === leg.of && isUnderWay(other)).length >= leg.maxParallel;
}

/** Legs that have lost their point, with the fellow that failed: they are stopped, or never begun. */
export function legsToEnd(jobs: readonly HeldJob[]): readonly { readonly leg: HeldJob; readonly failed: string }[] {
  const failed = new Map<string, string>();
  for (const job of jobs) {
    const leg = legOf(job);
    if (leg?.failFast === true && (job.state === "failed" || job.state === "errored") && !failed.has(leg.of))
      failed.set(leg.of, job.name);
  }
  return jobs.flatMap((job) => {
    const name = failed.get(legOf(job)?.of ?? "");
    return name === undefined || isTerminal(job.state) || job.stop !== null ? [] : [{ leg: job, failed: name }];
  });
}
