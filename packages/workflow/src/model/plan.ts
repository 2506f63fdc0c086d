import type { Condition, Job, Scalar, StepsJob } from "./job.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { ExpressionTemplate, MappingTemplate } from "./template.ts";
import type { AccessLevel, RunDefaults, Workflow } from "./workflow.ts";

/** Whether an event starts a workflow, and why (not), as a sentence. */
export interface TriggerDecision {
  readonly starts: boolean;
  readonly reason: string;
  /** The inputs with their defaults and types, when it starts. */
  readonly inputs: JsonObject;
}

/** What a workflow comes to before any of its jobs has run: its jobs, and those of the workflows that they call. */
export interface WorkflowPlan {
  readonly workflow: Workflow;
  /** In the order of the file. */
  readonly jobs: readonly PlannedJob[];
}

/** One job of a plan. What its matrix comes to, and whether it runs at all, is known when its needs have ended. */
export interface PlannedJob {
  readonly job: Job;
  /** What its token may do. */
  readonly permissions: Readonly<Record<string, AccessLevel>>;
  /** For a job that calls a workflow: that workflow. */
  readonly called?: WorkflowPlan;
}

/** One leg of a job: what a machine is given to run. Plain JSON, so that it can be kept and sent. */
export interface JobInstance {
  /** Unique in the run: `build`, `build#1` for the second leg of a matrix, `release/build` for a job of a called workflow. */
  readonly key: string;
  readonly id: string;
  readonly file: string;
  readonly workflowName: string;
  /** As shown to people: `build (18, ubuntu)`. */
  readonly name: string;
  /** Ids of the jobs that it needs. */
  readonly needs: readonly string[];
  /** The `needs` context: results and outputs of the jobs that it needs directly. */
  readonly needsContext: JsonObject;
  readonly condition?: Condition;
  readonly matrix: JsonObject;
  readonly strategy: StrategyContext;
  readonly permissions: Readonly<Record<string, AccessLevel>>;
  /** Environment variables from the outside in: the workflow's, then the job's. */
  readonly env: readonly (MappingTemplate | ExpressionTemplate)[];
  /** From the outside in: the workflow's, then the job's. */
  readonly defaults: readonly RunDefaults[];
  readonly inputs: JsonObject;
  /** The labels of `runs-on`, computed. */
  readonly runsOn: readonly string[];
  readonly timeoutMinutes: number;
  /** Whether its failure leaves the run, and what needs it, as if it had succeeded. */
  readonly continueOnError: boolean;
  readonly concurrency?: ConcurrencyGroup;
  readonly environment?: { readonly name: string; readonly url?: Scalar };
  /** How secrets reach it: from the outside in, what each calling job hands on. Empty for a job of the run's own file. */
  readonly secretScopes: readonly SecretScope[];
  readonly job: StepsJob;
}

/** What a calling job hands on of the secrets around it: all, none, or new names for some. */
export type SecretScope =
  | { readonly pass: "all" }
  | { readonly pass: "none" }
  | { readonly pass: "some"; readonly secrets: MappingTemplate; readonly contexts: Contexts };

/** A concurrency group, computed. Groups are compared without regard to case. */
export interface ConcurrencyGroup {
  readonly group: string;
  readonly cancelInProgress: boolean;
  readonly queue: "single" | "max";
}

/** The `strategy` context of one leg. */
export interface StrategyContext {
  readonly "fail-fast": boolean;
  readonly "job-index": number;
  readonly "job-total": number;
  readonly "max-parallel": number;
}

/** The contexts of one moment, by their names in expressions: `github`, `env`, `needs`, … */
export type Contexts = Readonly<Record<string, JsonValue>>;
