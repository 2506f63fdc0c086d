import type { CallJob, Job } from "../model/job.ts";
import type { Problem } from "../model/place.ts";
import type { PlannedJob, WorkflowPlan } from "../model/plan.ts";
import type { CallDefinition } from "../model/triggers.ts";
import type { Workflow } from "../model/workflow.ts";
import { readWorkflow } from "../reading/read-workflow.ts";
import { typedInput } from "./inputs.ts";
import {
  type DefaultPermissions,
  defaultPermissions,
  type EffectivePermissions,
  effectivePermissions,
  permissionExcess,
} from "./permissions.ts";
import { callRefusal, refusalsOf } from "./refusals.ts";

/**
 * Gives the text of a workflow that another one calls, by its reference (`./.github/workflows/x.yml`,
 * `owner/repository/path@ref`), and the reference of the file that asks, undefined for the run's own. Undefined when there
 * is no such file; throws when that could not be found out.
 */
export type WorkflowFiles = (reference: string, from: string | undefined) => Promise<string | undefined>;

export interface PlanSettings {
  readonly files: WorkflowFiles;
  /** `write` unless told otherwise. */
  readonly defaultPermissions?: DefaultPermissions;
  /** How many workflows may lie inside of one another; 10 on GitHub. */
  readonly mostNested?: number;
}

/** A plan, or everything that keeps the workflow and what it calls from running. */
export type Planned = { readonly plan: WorkflowPlan } | { readonly problems: readonly Problem[] };

/** Follows the calls of a workflow and checks what passes between caller and called: inputs, secrets, permissions. */
export async function planWorkflow(workflow: Workflow, settings: PlanSettings): Promise<Planned> {
  const planner = new Planner(settings);
  const allowed = workflow.permissions && effectivePermissions(workflow.permissions);
  const plan = await planner.plan(workflow, allowed ?? defaultPermissions(settings.defaultPermissions ?? "write"), []);
  return planner.problems.length > 0 ? { problems: planner.problems } : { plan };
}

class Planner {
  readonly problems: Problem[] = [];
  readonly #settings: PlanSettings;

  constructor(settings: PlanSettings) {
    this.#settings = settings;
  }

  async plan(workflow: Workflow, allowed: EffectivePermissions, callers: readonly string[]): Promise<WorkflowPlan> {
    this.problems.push(...refusalsOf(workflow));
    const jobs: PlannedJob[] = [];
    for (const job of workflow.jobs) {
      const permissions = job.permissions === undefined ? allowed : effectivePermissions(job.permissions);
      // One after the other: problems are told in the order of the file.
      const called = job.kind === "call" ? await this.#call(job, workflow, permissions, callers) : undefined;
      jobs.push({ job, permissions, ...(called === undefined ? {} : { called }) });
    }
    return { workflow, jobs };
  }

  async #call(
    job: CallJob,
    caller: Workflow,
    allowed: EffectivePermissions,
    callers: readonly string[],
  ): Promise<WorkflowPlan | undefined> {
    const { reference, place } = job.uses;
    const problem = (message: string, at = place): undefined => {
      this.problems.push({ message, file: caller.file, place: at });
    };
    const most = this.#settings.mostNested ?? 10;
    if (callers.length >= most) return problem(`Nested reusable workflow depth exceeded ${most}.`);
    if (callers.includes(reference)) return problem(`'${reference}' calls itself, directly or through others`);
    const text = await this.#settings.files(reference, callers.at(-1));
    if (text === undefined) return problem(callRefusal(reference) ?? `there is no workflow '${reference}'`);
    const reading = readWorkflow(text, reference);
    if ("problems" in reading) {
      this.problems.push(...reading.problems);
      return undefined;
    }
    const { workflow: called } = reading;
    if (called.triggers.call === undefined) {
      return problem("workflow_call key is not defined in the referenced workflow.");
    }
    this.#compareInputs(job, called.triggers.call, caller.file);
    this.#compareSecrets(job, called.triggers.call, caller.file);
    for (const words of excessesOf(called, reference, allowed)) problem(words, job.place);
    const own = called.permissions && effectivePermissions(called.permissions);
    return this.plan(called, own ?? allowed, [...callers, reference]);
  }

  #compareInputs(job: CallJob, call: CallDefinition, file: string): void {
    const given = new Map(job.with?.entries.map(({ key, value }) => [nameOf(key).toLowerCase(), { key, value }]));
    for (const input of call.inputs) {
      const entry = given.get(input.name.toLowerCase());
      if (entry === undefined && input.required && input.default === undefined) {
        const message = `Input ${input.name} is required, but not provided while calling.`;
        this.problems.push({ message, file, place: job.uses.place });
      }
      // A text for a flag is refused although `true` could be read from it: GitHub wants `true` without quotes.
      const { value } = entry ?? {};
      if (value?.kind === "literal" && !isOfType(input, value.value)) {
        this.problems.push({ message: `Unexpected value '${value.text}'`, file, place: value.place });
      }
    }
    const known = new Set(call.inputs.map(({ name }) => name.toLowerCase()));
    for (const [name, { key, value }] of given) {
      if (known.has(name)) continue;
      const message = `Invalid input, ${nameOf(key)} is not defined in the referenced workflow.`;
      this.problems.push({ message, file, place: value.place });
    }
  }

  #compareSecrets(job: CallJob, call: CallDefinition, file: string): void {
    if (job.secrets === "inherit") return;
    const given = new Map(job.secrets?.entries.map(({ key, value }) => [nameOf(key).toLowerCase(), { key, value }]));
    for (const { name, required } of call.secrets) {
      if (!required || given.has(name.toLowerCase())) continue;
      const message = `Secret ${name} is required, but not provided while calling.`;
      this.problems.push({ message, file, place: job.uses.place });
    }
    const known = new Set(call.secrets.map(({ name }) => name.toLowerCase()));
    for (const [name, { key, value }] of given) {
      if (known.has(name)) continue;
      const message = `Invalid secret, ${nameOf(key)} is not defined in the referenced workflow.`;
      this.problems.push({ message, file, place: value.place });
    }
  }
}

/** What a called workflow asks for beyond what its caller may; GitHub's words. */
function excessesOf(called: Workflow, reference: string, allowed: EffectivePermissions): readonly string[] {
  const begin = `Error calling workflow '${reference}'.`;
  const own = called.permissions && permissionExcess(effectivePermissions(called.permissions), allowed);
  const ofWorkflow = own === undefined ? [] : [`${begin} The workflow '${reference}' ${own}`];
  const ofJobs = called.jobs.flatMap((job) => {
    const excess = job.permissions && permissionExcess(effectivePermissions(job.permissions), allowed);
    return excess === undefined ? [] : [`${begin} The nested job '${titleOf(job)}' ${excess}`];
  });
  return [...ofWorkflow, ...ofJobs];
}

function isOfType(input: CallDefinition["inputs"][number], value: string | number | boolean | null): boolean {
  if (value === null) return true;
  if (input.type === "boolean") return typeof value === "boolean";
  if (input.type === "number") return typeof value === "number";
  return typedInput(input, value) !== undefined;
}

function titleOf({ id, name }: Job): string {
  return name?.kind === "literal" ? name.text : id;
}

function nameOf(key: { readonly kind: "literal"; readonly text: string } | { readonly kind: "expression" }): string {
  return key.kind === "literal" ? key.text : "${{ … }}";
}
