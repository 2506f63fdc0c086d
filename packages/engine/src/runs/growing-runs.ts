import type { HeldJob } from "../store/jobs.ts";
import type { Run } from "../store/runs.ts";
import type { Transaction } from "../store/store.ts";
import type { RunPlan } from "./stage.ts";

/**
 * Decides about the jobs of a run that are `planned`, from how the others stand: begins, ends and stops them. Part of every
 * step that a run takes, so it looks at the rows and nothing else, and asked again it does nothing more.
 */
export type JobDecider = (tx: Transaction, run: Run, jobs: readonly HeldJob[]) => Promise<readonly HeldJob[]>;

const deciders = new Map<RunPlan["kind"], JobDecider>();

/** Says who decides about the jobs of runs of a kind. One for the process, as the engine is. */
export function decidesAbout(kind: RunPlan["kind"], decider: JobDecider): void {
  deciders.set(kind, decider);
}

/** The jobs of a run after its decider, if its kind has one, has decided. */
export const decideJobs = async (tx: Transaction, run: Run, jobs: readonly HeldJob[]): Promise<readonly HeldJob[]> =>
  (await deciders.get(run.kind)?.(tx, run, jobs)) ?? jobs;
