import type { Condition, Job, StepsJob } from "./job.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { SourcePlace } from "./place.ts";
import type { MappingTemplate, ExpressionTemplate, Template } from "./template.ts";
import type { AccessLevel, RunDefaults, Workflow } from "./workflow.ts";

/** Whether an event starts a workflow, and why (not), as a sentence. */
export interface TriggerDecision {
  readonly starts: boolean;
  readonly reason: string;
  /** The inputs with their defaults and types, when it starts. */
  readonly inputs: JsonObject;
}

/** What a workflow comes to for one event: its jobs, before any of them has run. */
export interface WorkflowPlan {
  readonly workflow: Workflow;
  readonly decision: TriggerDecision;
  /** Every job of the file and of the workflows that it calls, callers before the called. */
  readonly jobs: readonly PlannedJob[];
}

/** How a job came to be in the plan: by itself, or inside a workflow that a job calls. */
export interface CallScope {
  /** The called file. */
  readonly file: string;
  /** Key of the calling job's instance. */
  readonly caller: string;
  readonly inputs: readonly { readonly name: string; readonly value: Template; readonly type: string }[];
  readonly secrets: "inherit" | MappingTemplate | undefined;
}

/** One job of the plan. A matrix that depends on other jobs is unfolded when they have ended. */
export interface PlannedJob {
  /** Unique in the plan: `build`, and `release/build` for a job of the workflow that `release` calls. */
  readonly key: string;
  readonly job: Job;
  /** Keys of the jobs that must have ended first. */
  readonly needs: readonly string[];
  readonly scopes: readonly CallScope[];
  readonly permissions: Readonly<Record<string, AccessLevel>>;
}

/** One leg of a job: what a machine is given to run. Plain JSON, so that it can be kept and sent. */
export interface JobInstance {
  /** Unique in the run: the planned job's key, and the leg's number when there is a matrix. */
  readonly key: string;
  readonly id: string;
  readonly file: string;
  readonly workflowName: string;
  /** As shown to people: `build (18, ubuntu)`. */
  readonly name: string;
  readonly needs: readonly string[];
  readonly condition?: Condition;
  readonly matrix: JsonObject;
  readonly strategy: StrategyContext;
  readonly permissions: Readonly<Record<string, AccessLevel>>;
  /** Environment variables from the outside in: the workflow's, then the job's. */
  readonly env: readonly (MappingTemplate | ExpressionTemplate)[];
  /** From the outside in: the workflow's, then the job's. */
  readonly defaults: readonly RunDefaults[];
  readonly inputs: JsonObject;
  readonly job: StepsJob;
}

/** The `strategy` context of one leg. */
export interface StrategyContext {
  readonly "fail-fast": boolean;
  readonly "job-index": number;
  readonly "job-total": number;
  readonly "max-parallel": number;
}

/** A matrix that cannot be unfolded, or a call that cannot be followed: the place and what to do. */
export interface PlanProblem {
  readonly message: string;
  readonly file: string;
  readonly place: SourcePlace;
}

/** The contexts of one moment, by their names in expressions: `github`, `env`, `needs`, … */
export type Contexts = Readonly<Record<string, JsonValue>>;
