import type { SourcePlace } from "./place.ts";
import type { Step } from "./step.ts";
import type { ExpressionTemplate, LiteralTemplate, MappingTemplate, Template } from "./template.ts";
import type { Concurrency, Permissions, RunDefaults } from "./workflow.ts";

/** A value that is one text, number or truth value, written out or computed. */
export type Scalar = LiteralTemplate | ExpressionTemplate;

/** An `if`: an expression that may ask `success()` and its like. */
export interface Condition {
  readonly place: SourcePlace;
  /** As the author wrote it, without `${{ }}`. */
  readonly source: string;
  /** What is evaluated: `success() && (…)` is put in front unless the author asks for a status. */
  readonly effective: string;
}

/** What every job has, whether it runs steps or calls a workflow. */
interface JobBase {
  readonly id: string;
  readonly place: SourcePlace;
  readonly name?: Scalar;
  readonly needs: readonly { readonly id: string; readonly place: SourcePlace }[];
  readonly condition?: Condition;
  readonly strategy?: Strategy;
  readonly permissions?: Permissions;
  readonly concurrency?: Concurrency;
}

/** A job that runs its steps on this machine. */
export interface StepsJob extends JobBase {
  readonly kind: "steps";
  readonly runsOn: Template;
  readonly env?: MappingTemplate | ExpressionTemplate;
  readonly defaults: RunDefaults;
  /** 360 when the author gives none, as on GitHub. */
  readonly timeoutMinutes?: Scalar;
  readonly cancelTimeoutMinutes?: Scalar;
  readonly continueOnError?: Scalar;
  readonly outputs: readonly { readonly name: string; readonly value: Template }[];
  readonly environment?: JobEnvironment;
  readonly container?: Template;
  readonly services?: Template;
  readonly snapshot?: Template;
  readonly steps: readonly Step[];
}

/** A job that is another workflow. */
export interface CallJob extends JobBase {
  readonly kind: "call";
  /** `./.github/workflows/x.yml`, or `owner/repository/.github/workflows/x.yml@ref`. */
  readonly uses: { readonly reference: string; readonly place: SourcePlace };
  readonly with?: MappingTemplate;
  readonly secrets: "inherit" | MappingTemplate | undefined;
}

export type Job = StepsJob | CallJob;

/** The environment that a job deploys to. */
export interface JobEnvironment {
  readonly place: SourcePlace;
  readonly name: Scalar;
  readonly url?: Scalar;
  /** Whether a deployment is recorded; true when the author says nothing. */
  readonly deployment?: Scalar;
}

/** How often and with which values a job is repeated. */
export interface Strategy {
  readonly place: SourcePlace;
  /** When the whole strategy is one expression, there is nothing else here. */
  readonly whole?: ExpressionTemplate;
  readonly matrix?: Template;
  readonly failFast?: Scalar;
  readonly maxParallel?: Scalar;
}
