import type { HeldJob } from "../store/jobs.ts";
import type { Run } from "../store/runs.ts";
import type { Transaction } from "../store/store.ts";
import type { Attention, RunPlan } from "./stage.ts";

/**
 * Writes down what the end of a run means, in the transaction in which it ends; answers with what a person must look at.
 * `jobs` are as they ended.
 */
export type EndRecorder = (tx: Transaction, run: Run, jobs: readonly HeldJob[]) => Promise<Attention | null>;

const recorders = new Map<RunPlan["kind"], EndRecorder>();

/** Says who writes down how runs of a kind ended. One for the process, as the engine is. */
export function recordsEndsOf(kind: RunPlan["kind"], recorder: EndRecorder): void {
  recorders.set(kind, recorder);
}

/** Has the end of a run written down, if its kind asks for it. */
export const recordEndOf = async (tx: Transaction, run: Run, jobs: readonly HeldJob[]): Promise<Attention | null> =>
  (await recorders.get(run.kind)?.(tx, run, jobs)) ?? null;
