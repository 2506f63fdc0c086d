import type { Scalar } from "./job.ts";
import type { SourcePlace } from "./place.ts";
import type { Step } from "./step.ts";
import type { MappingTemplate, Template } from "./template.ts";

/** What an `action.yml` says. */
export type ActionDefinition = CompositeAction | NodeAction | DockerAction;

interface ActionBase {
  readonly file: string;
  readonly name?: string;
  readonly description?: string;
  readonly inputs: readonly ActionInput[];
  readonly outputs: readonly ActionOutput[];
}

/** One input; the runner does not enforce `required`, an action asks for itself. */
export interface ActionInput {
  readonly name: string;
  readonly place: SourcePlace;
  readonly description?: string;
  readonly required: boolean;
  readonly default?: Scalar;
  readonly deprecationMessage?: string;
}

/** One output; only a composite action gives its value here. */
export interface ActionOutput {
  readonly name: string;
  readonly place: SourcePlace;
  readonly description?: string;
  readonly value?: Scalar;
}

/** An action that is a list of steps. */
export interface CompositeAction extends ActionBase {
  readonly kind: "composite";
  readonly steps: readonly Step[];
}

/** An action that is a Node program. `pre` and `post` run before the job's steps and after them. */
export interface NodeAction extends ActionBase {
  readonly kind: "node";
  /** As written: `node12`, `node16`, `node20` or `node24`. */
  readonly using: string;
  readonly main: string;
  readonly pre?: string;
  /** `always()` when the author says nothing. */
  readonly preIf: string;
  readonly post?: string;
  readonly postIf: string;
}

/** An action that is a container. */
export interface DockerAction extends ActionBase {
  readonly kind: "docker";
  /** `Dockerfile`, a path, or `docker://image`. */
  readonly image: string;
  readonly entrypoint?: string;
  readonly preEntrypoint?: string;
  readonly preIf: string;
  readonly postEntrypoint?: string;
  readonly postIf: string;
  readonly args: readonly Template[];
  readonly env?: MappingTemplate;
}
