import type { RunId } from "@fairway/core";
import { can, FairwayError } from "@fairway/core";
import { recordChange } from "../store/audit.ts";
import { deploymentSubject } from "../store/deployment-ends.ts";
import { leaveQueues, urgentlyWantedBy } from "../store/environment-queue.ts";
import type { JobStanding } from "../store/jobs.ts";
import { changeJob, holdJobs } from "../store/jobs.ts";
import type { Pause, Run } from "../store/runs.ts";
import { changeRun, holdRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { advance } from "./advance.ts";
import { unpaused } from "./stop-run.ts";

/** A person's word that a deployment stays where it is. */
export type PauseWish = Omit<Pause, "since">;

/**
 * Holds a deployment where it is, until it is resumed or stopped: nothing more is begun, started, shifted or ended, and no
 * deadline runs out. What is under way and is no rollout comes to its end. One that only waits for its environment leaves the
 * queue. Throws `not_allowed_now`.
 */
export async function pause(store: Store, id: RunId, { by, because }: PauseWish): Promise<Run> {
  return store.transaction(async (tx) => {
    const run = await holdRun(tx, id);
    const jobs = await holdJobs(tx, id);
    const possible = can.pause(pauseFacts(run, jobs));
    if (!possible.possible)
      throw new FairwayError("not_allowed_now", possible.reason, { hint: `see how it stands: fairway run show ${id}` });
    const back = await urgentlyWantedBy(tx, id);
    // A way back that comes a moment later has it stopped when it is looked at next.
    if (back !== null)
      throw new FairwayError("not_allowed_now", `${back.run} is a way back and waits for what ${id} holds`, {
        hint: `see the way back: fairway run watch ${back.run}`,
      });
    const { paused } = await changeRun(tx, id, { paused: { by, because } });
    // Its turn is given back by whoever looks at the run once it goes on.
    for (const job of jobs)
      if (job.state === "pending" && job.readyAt !== null) await changeJob(tx, job, { ready: false });
    for (const next of await leaveQueues(tx, id)) tx.signal({ kind: "advance", run: next });
    const { environment = null } = deploymentSubject(run) ?? {};
    tx.emit({ kind: "deployment.paused", subject: id, body: { by, because, at: paused?.since ?? null, environment } });
    recordChange(tx, "deployment.paused", { subject: id, environment, detail: { by, because } });
    return advance(tx, id);
  });
}

/** Lets a deployment that was held go on from where it is. Throws `not_allowed_now`. */
export async function resume(store: Store, id: RunId, { by }: { readonly by: string }): Promise<Run> {
  return store.transaction(async (tx) => {
    const run = await holdRun(tx, id);
    const possible = can.resume(run);
    if (!possible.possible)
      throw new FairwayError("not_allowed_now", possible.reason, { hint: `see how it stands: fairway run show ${id}` });
    await changeRun(tx, id, await unpaused(tx, run));
    const { environment = null } = deploymentSubject(run) ?? {};
    const since = run.paused?.since ?? null;
    tx.emit({ kind: "deployment.resumed", subject: id, body: { by, since, environment } });
    recordChange(tx, "deployment.resumed", { subject: id, environment, detail: { by, since } });
    return advance(tx, id);
  });
}

const pauseFacts = (run: Run, jobs: readonly JobStanding[]): Parameters<typeof can.pause>[0] => ({
  ...run,
  isRollback: deploymentSubject(run)?.reason === "rollback",
  restoring: jobs.some(
    ({ turn, state, readyAt }) => turn === "after-trouble" && (state === "running" || readyAt !== null),
  ),
  finishing: jobs.some(
    ({ stage, state, readyAt }) =>
      stage === "finish" && (state === "succeeded" || state === "running" || readyAt !== null),
  ),
});
