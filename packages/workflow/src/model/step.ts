import type { Condition, Scalar } from "./job.ts";
import type { SourcePlace } from "./place.ts";
import type { ExpressionTemplate, MappingTemplate } from "./template.ts";

/** What every step has. */
interface StepBase {
  /** The author's id, or one made up that begins with `__` and can be told apart by that. */
  readonly id: string;
  readonly place: SourcePlace;
  readonly name?: Scalar;
  /** Always there: a step without `if` has `success()`. */
  readonly condition: Condition;
  readonly env?: MappingTemplate | ExpressionTemplate;
  readonly continueOnError?: Scalar;
  readonly timeoutMinutes?: Scalar;
}

/** A step that runs a script. */
export interface RunStep extends StepBase {
  readonly kind: "run";
  readonly run: Scalar;
  readonly shell?: Scalar;
  readonly workingDirectory?: Scalar;
}

/** A step that runs an action. */
export interface UsesStep extends StepBase {
  readonly kind: "uses";
  readonly uses: { readonly reference: string; readonly place: SourcePlace };
  readonly with?: MappingTemplate | ExpressionTemplate;
}

export type Step = RunStep | UsesStep;
