import type { ActionLock } from "../actions/action-lock.ts";
import type { Job, StepsJob } from "../model/job.ts";
import type { Step } from "../model/step.ts";
import type { Workflow } from "../model/workflow.ts";
import type { Edit } from "./patch.ts";
import type { Fault } from "./report.ts";

/** A fault with the edits that would mend it, before it is known whether they do. */
export interface FoundFault extends Omit<Fault, "patch"> {
  readonly edits?: readonly Edit[];
}

/** What looks for one kind of fault. */
export type FaultFinder = (workflow: Workflow, lines: readonly string[], lock: ActionLock) => readonly FoundFault[];

const deployingActions =
  /vercel-action|configure-aws-credentials|amazon-ecs-deploy|azure\/webapps-deploy|deploy-cloudrun|actions\/deploy-pages/iu;
const deployingCommands =
  /(?:^|[\s/_-])deploy(?:$|[\s._-])|terraform\s+apply|tofu\s+apply|kubectl\s+(?:apply|rollout)|helm\s+upgrade|ecs\s+update-service|vercel\s+(?:deploy|--prod)/imu;

/** The jobs that bring something to where users are, as far as their steps show. */
export function deployingJobs({ jobs }: Workflow): readonly StepsJob[] {
  return stepsJobs(jobs).filter(({ steps }) =>
    steps.some((step) =>
      step.kind === "uses" ? deployingActions.test(step.uses.reference) : deployingCommands.test(commandOf(step)),
    ),
  );
}

/** The jobs that have steps. */
export function stepsJobs(jobs: readonly Job[]): readonly StepsJob[] {
  return jobs.filter((job) => job.kind === "steps");
}

/** What a step runs, as far as it is written out. */
export function commandOf(step: Step): string {
  if (step.kind !== "run") return "";
  return step.run.kind === "literal" ? step.run.text : step.run.source;
}

/** An input of an action's step, when it is written. */
export function inputOf(step: Step, name: string): string | undefined {
  if (step.kind !== "uses" || step.with?.kind !== "mapping") return undefined;
  const entry = step.with.entries.find(({ key }) => key.kind === "literal" && key.text.toLowerCase() === name);
  if (entry === undefined) return undefined;
  return entry.value.kind === "literal"
    ? entry.value.text
    : entry.value.kind === "expression"
      ? entry.value.source
      : "";
}

/** Whether a step uses this action, whatever version. */
export function isAction(step: Step, name: string): boolean {
  return step.kind === "uses" && (step.uses.reference.split("@")[0] ?? "").toLowerCase() === name;
}

/** The blanks before what stands at a column counted from 1. */
export function indent(column: number): string {
  return " ".repeat(column - 1);
}

/** The last line of the block that begins at a line: the last one that is indented deeper than the column says. */
export function endOfBlock(lines: readonly string[], line: number, column: number): number {
  let end = line;
  for (let next = line; next < lines.length; next++) {
    const text = lines[next] ?? "";
    if (text.trim() === "") continue;
    if (text.length - text.trimStart().length < column) break;
    end = next + 1;
  }
  return end;
}
