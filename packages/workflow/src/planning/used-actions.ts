import { builtInAction } from "../actions/registry.ts";
import type { ActionDefinition } from "../model/action.ts";
import type { Step } from "../model/step.ts";
import type { Workflow } from "../model/workflow.ts";
import { parseActionReference } from "../running/resolve-action.ts";

/** An action that a step uses and that is not built in: of another repository, or in a folder of this one. */
export type UsedAction =
  | { readonly kind: "remote"; readonly repository: string; readonly path: string; readonly ref: string }
  | { readonly kind: "local"; readonly path: string };

/** The actions of a workflow, or of an action made of steps, in the order of the file. */
export function usedActions(file: Workflow | ActionDefinition): readonly UsedAction[] {
  const steps: readonly Step[] =
    "jobs" in file
      ? file.jobs.flatMap((job) => (job.kind === "steps" ? job.steps : []))
      : file.kind === "composite"
        ? file.steps
        : [];
  return steps.flatMap((step): readonly UsedAction[] => {
    if (step.kind !== "uses") return [];
    const reference = parseActionReference(step.uses.reference);
    if (reference.kind === "docker") return [];
    return reference.kind === "remote" && builtInAction(reference) !== undefined ? [] : [reference];
  });
}
