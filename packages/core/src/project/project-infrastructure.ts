import type { Millis, Timestamp } from "../units.ts";
import type { Argv, Value } from "./project.ts";

/** A difference outside that is to be left alone, for a time. */
export interface IgnoreRule {
  /** An address, with `*` for any part: `aws_instance.web*`. */
  readonly resource: string;
  /** A field of it, with what is below; null is all of it. */
  readonly field: string | null;
  readonly reason: string;
  /** A rule that nobody looks at again is how drift is forgotten. */
  readonly until: Timestamp;
}

/** The commands of infrastructure that is neither Terraform nor OpenTofu. */
export interface CommandProgram {
  readonly plan: Argv;
  readonly apply: Argv;
  /** Prints what a person should see of the plan; what `plan` printed where it is null. */
  readonly show: Argv | null;
  /** Takes all of it away; null where it cannot be asked to. */
  readonly destroy: Argv | null;
  /** Exit codes of `plan` by what they say; every other is a failure. */
  readonly exitCodes: { readonly nothing: readonly number[]; readonly changes: readonly number[] };
}

/** What a stack is given in one environment. */
export interface StackPlacement {
  /** Null is the program's `default`. */
  readonly workspace: string | null;
  /** Of the code, without their `TF_VAR_`. */
  readonly variables: Readonly<Record<string, Value>>;
  /** Relative to the stack's folder, later ones over earlier ones. */
  readonly varFiles: readonly string[];
  /** Of the program: what its providers sign in with. */
  readonly env: Readonly<Record<string, Value>>;
  /** What the code's backend block leaves out. */
  readonly backend: Readonly<Record<string, Value>>;
}

/** An output of a stack that services are given as an environment variable. */
export interface StackOutput {
  readonly variable: string;
  readonly output: string;
  /** Null is every service. */
  readonly services: readonly string[] | null;
}

/** Infrastructure that is planned and applied as one. */
export interface InfrastructureStack {
  readonly name: string;
  /** Relative to the repository. */
  readonly folder: string;
  readonly program: "terraform" | "tofu" | CommandProgram;
  /** Stacks that must be applied before this one. */
  readonly after: readonly string[];
  /** By environment; in one that is not here there is no such stack. */
  readonly environments: Readonly<Record<string, StackPlacement>>;
  readonly outputs: readonly StackOutput[];
  /** How long another's lock of the state is waited for. */
  readonly lockTimeout: Millis;
  /** How long one command may take. */
  readonly timeout: Millis;
  /** Resources whose end a person must name: all, none, or those that match, with `*` for any part of an address. */
  readonly preventDestroy: boolean | readonly string[];
  readonly ignore: readonly IgnoreRule[];
  /** When the world is compared with the code: cron expressions, in UTC. */
  readonly drift: readonly string[];
  /** Who is told of what the looks find; null is nobody in particular. */
  readonly owner: string | null;
}

/** The stacks of a project in an environment, each after those that it needs. */
export const stacksIn = (
  stacks: readonly InfrastructureStack[] | undefined,
  environment: string,
): readonly InfrastructureStack[] => (stacks ?? []).filter((stack) => Object.hasOwn(stack.environments, environment));
