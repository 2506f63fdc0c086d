import type { JsonObject } from "../model/json.ts";
import type { Contexts } from "../model/plan.ts";
import type { Step } from "../model/step.ts";
import type { StepConclusion } from "./job-host.ts";
import type { ActionFinder } from "./resolve-action.ts";
import type { Draft, RunningJob } from "./running-job.ts";
import type { StepContext } from "./step-record.ts";

/** When a step of an action runs: before the job's steps, among them, or after them. */
export type StepStage = "pre" | "main" | "post";

/** Where a step stands: directly in a job, or inside a composite action. */
export interface StepScope {
  /** Empty in a job; the place of the composite action otherwise. */
  readonly place: string;
  readonly stage: StepStage;
  readonly contexts: Contexts;
  /** The `steps` context; grows as steps end. */
  readonly steps: Record<string, StepContext>;
  /** Variables that outer steps set for what is inside them; they win over what earlier steps exported. */
  readonly overrides: Readonly<Record<string, string>>;
  /** What `success()` and `failure()` ask: the job's status, inside a composite action that action's. */
  readonly status: () => StepConclusion;
  /** Aborted when the step around is to end. */
  readonly signal: AbortSignal;
  /** When the steps around must have ended, in milliseconds of the epoch; undefined for never. */
  readonly deadline: number | undefined;
}

/** One step at the moment when its turn has come. */
export interface StepTurn {
  readonly scope: StepScope;
  /** Names the step in the job: `3`, `3/0` for a step of a composite action, `post-3`. Keys of commands begin with it. */
  readonly place: string;
  /** As people see it. */
  readonly name: string;
  /** The `env` context: what was exported before, what outer steps and the step itself set. */
  readonly env: Readonly<Record<string, string>>;
  /** Those set by outer steps and the step itself. */
  readonly overrides: Readonly<Record<string, string>>;
  readonly github: JsonObject;
  /** Aborted when the step is to end: cancelled, or out of time. */
  readonly signal: AbortSignal;
  readonly deadline: number | undefined;
}

/** How a step ended, before `continue-on-error`. */
export interface StepWorkEnd {
  readonly result: "success" | "failure" | "cancelled" | "timed-out";
  readonly outputs: Readonly<Record<string, string>>;
}

/** The worse of two results: an end from outside over failure over success. */
export function worse(one: StepWorkEnd["result"], other: StepWorkEnd["result"]): StepWorkEnd["result"] {
  const order = ["success", "failure", "cancelled", "timed-out"] as const;
  return order.indexOf(one) >= order.indexOf(other) ? one : other;
}

/** How a step ended, after all. */
export interface StepOutcome {
  readonly name: string;
  readonly outcome: StepConclusion;
  readonly conclusion: StepConclusion;
  readonly outputs: Readonly<Record<string, string>>;
  /** Whether its condition could not be computed: a composite action does not go on then. */
  readonly conditionFailed?: boolean;
  /** Whether it ended because the time of a step around it was over. */
  readonly timedOut?: boolean;
}

/** A step with what only its place in the job knows. */
export interface PlacedStep {
  readonly step: Step;
  readonly place: string;
  /** In place of the step's own: for a post step, its action's. */
  readonly condition?: string;
  /** Put before the name: `Post `. */
  readonly prefix?: string;
}

/** Carries out one step; given to composite actions, which are made of steps themselves. */
export type CarryOutStep = (
  job: RunningJob,
  draft: Draft,
  finder: ActionFinder,
  scope: StepScope,
  placed: PlacedStep,
) => Promise<StepOutcome>;
