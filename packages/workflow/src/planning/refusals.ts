import type { Job } from "../model/job.ts";
import type { Problem } from "../model/place.ts";
import type { Template } from "../model/template.ts";
import type { Workflow } from "../model/workflow.ts";

/** What this machine can never do, found before anything starts; what is computed shows when its turn comes. */
export function refusalsOf({ file, jobs, defaults }: Workflow): readonly Problem[] {
  const problems: Problem[] = [];
  const refuse = (template: Template | undefined, message: string | undefined): void => {
    if (template !== undefined && message !== undefined) problems.push({ message, file, place: template.place });
  };
  const refuseShell = (shell: Template | undefined): void => refuse(shell, shellRefusal(writtenTexts(shell)[0]));
  refuseShell(defaults.shell);
  for (const job of jobs) {
    if (job.kind === "call") continue; // Whether it can be called shows when it is looked for.
    refuse(job.runsOn, labelsRefusal(writtenTexts(job.runsOn)));
    refuse(job.snapshot, snapshotRefusal);
    refuseShell(job.defaults.shell);
    for (const shell of shellsOf(job)) refuseShell(shell);
  }
  return problems;
}

/** There is no machine's image that could be kept. */
export const snapshotRefusal = "there is no image of a runner to take";

/** Why a job with these labels cannot run here, if so. */
export function labelsRefusal(labels: readonly string[]): string | undefined {
  const foreign = labels.find((label) => /^(?:windows|macos)/iu.test(label));
  return foreign === undefined ? undefined : `this machine runs Linux, not ${foreign}`;
}

/** Why a script cannot be given to this shell, if so. */
export function shellRefusal(shell: string | undefined): string | undefined {
  return shell !== undefined && /^(?:cmd|powershell)$/iu.test(shell) ? `there is no ${shell} on Linux` : undefined;
}

/** Why this workflow cannot be called, if so. */
export function callRefusal(reference: string): string | undefined {
  return reference.startsWith("./")
    ? undefined
    : "workflows of other repositories are not fetched: copy it into this one";
}

/** The texts of a value that are written out: itself, those of a list, or the labels of a mapping. */
export function writtenTexts(value: Template | undefined): readonly string[] {
  if (value === undefined || value.kind === "expression") return [];
  if (value.kind === "literal") return [value.text];
  if (value.kind === "sequence") return value.items.flatMap(writtenTexts);
  const labels = value.entries.find(({ key }) => key.kind === "literal" && key.text === "labels");
  return writtenTexts(labels?.value);
}

function shellsOf(job: Extract<Job, { kind: "steps" }>): readonly Template[] {
  return job.steps.flatMap((step) => (step.kind === "run" && step.shell !== undefined ? [step.shell] : []));
}
