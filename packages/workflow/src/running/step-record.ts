import type { StepConclusion } from "./job-host.ts";
import type { StepEffects } from "./step-effects.ts";

/** One entry of the `steps` context. */
export interface StepContext {
  readonly outputs: Readonly<Record<string, string>>;
  readonly outcome: StepConclusion;
  readonly conclusion: StepConclusion;
}

export type StepsContext = Readonly<Record<string, StepContext>>;

/**
 * What is kept of a step that has ended: enough to go on after a crash without doing it again. Outputs and variables may be
 * secrets, so the host keeps records where only Fairway reads.
 */
export interface StepRecord {
  readonly name: string;
  /** Before and after `continue-on-error`. */
  readonly outcome: StepConclusion;
  readonly conclusion: StepConclusion;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly effects: StepEffects;
  /** The `steps` contexts of composite actions inside, by their place; their post steps read them. */
  readonly inner: Readonly<Record<string, StepsContext>>;
  /** By the place of the action: what GITHUB_STATE says, for its post step. */
  readonly states: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The places of actions whose post step is to run, in the order in which they were met, and on which condition. */
  readonly posts: readonly RegisteredPost[];
}

/** The post step of an action that began. */
export interface RegisteredPost {
  readonly place: string;
  readonly condition: string;
  /** Whether it is a list of steps: it has something to do only if one of those has. */
  readonly composite: boolean;
}

/** How a job ended. */
export interface JobEnd {
  readonly result: StepConclusion;
  /** Empty ones and those that hold a secret are left out. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly steps: readonly StepEnd[];
  /** The address of the environment that was deployed to, as the workflow computes it. */
  readonly environmentUrl?: string;
  /** Whether it was cancelled because its time was over. */
  readonly timedOut: boolean;
}

/** How a step ended, as people see it. */
export interface StepEnd {
  /** The key of its log and of its annotations. */
  readonly key: string;
  readonly id: string;
  readonly name: string;
  readonly outcome: StepConclusion;
  readonly conclusion: StepConclusion;
  readonly startedAt: number;
  readonly endedAt: number;
}
