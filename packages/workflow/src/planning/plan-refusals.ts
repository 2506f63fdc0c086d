import { type ActionLock, lockedSha, renew } from "../actions/action-lock.ts";
import { builtInAction } from "../actions/registry.ts";
import { containerRefusals } from "../containers/container-refusals.ts";
import type { Problem } from "../model/place.ts";
import type { StepsJob } from "../model/job.ts";
import type { WorkflowPlan } from "../model/plan.ts";
import { parseActionReference } from "../running/resolve-action.ts";

/** What this installation has for the jobs of a workflow. */
export interface RunAbilities {
  /** Whether a container engine is configured. */
  readonly containers: boolean;
  /** The commits that actions of other repositories are locked to. */
  readonly lock: ActionLock;
}

/**
 * Everything that the jobs of a plan, and of what it calls, need and cannot get here: told with its lines before anything
 * starts. What an action of another repository needs in turn shows when it has been fetched.
 */
export function planRefusals({ workflow, jobs }: WorkflowPlan, able: RunAbilities): readonly Problem[] {
  const { file } = workflow;
  return jobs.flatMap(({ job, called }) => {
    if (job.kind === "call") return called === undefined ? [] : planRefusals(called, able);
    const ofContainers = able.containers ? [] : containerRefusals({ job, file });
    return [...ofContainers, ...unlockedActions(job, file, able.lock)];
  });
}

function unlockedActions({ steps }: StepsJob, file: string, lock: ActionLock): readonly Problem[] {
  return steps.flatMap((step) => {
    if (step.kind !== "uses") return [];
    const { reference, place } = step.uses;
    const action = parseActionReference(reference);
    if (action.kind !== "remote" || builtInAction(action) !== undefined) return [];
    if (lockedSha(lock, action.repository, action.ref) !== undefined) return [];
    return [
      { message: `the action ${reference} is neither built in nor locked to a commit`, file, place, hint: renew },
    ];
  });
}
