import type { JsonObject } from "../model/json.ts";
import type { HostCommand, JobHost } from "../running/job-host.ts";
import type { ServiceAddresses } from "../running/job-surroundings.ts";

/**
 * An action that Fairway carries out itself, so that it works without GitHub. It may be interrupted and begun again at any
 * point, so everything that it does may be repeated.
 */
export interface BuiltInAction {
  /** `owner/name`, or `owner/name/path`, in lower case. */
  readonly name: string;
  /** Every input of the original, with the value that it has when it is not given; others are warned of. */
  readonly inputs: Readonly<Record<string, string>>;
  main(run: BuiltInRun): Promise<void>;
  /** After the job's steps; the condition is `always()` unless `postIf` says otherwise. */
  post?(run: BuiltInRun): Promise<void>;
  readonly postIf?: string;
}

/** What a built-in action may do, and what it is told. */
export interface BuiltInRun {
  /** An input, trimmed; empty when it is not given and has no default. */
  input(name: string): string;
  /** An input that is true or false in one of YAML's spellings; throws a sentence otherwise. */
  flag(name: string): boolean;
  /** The environment of a process of this action, PATH included. */
  readonly env: Readonly<Record<string, string>>;
  readonly github: JsonObject;
  readonly job: { readonly id: string };
  readonly host: Pick<JobHost, "folders" | "identityToken" | "repository" | "secrets" | "addMask">;
  readonly services: ServiceAddresses;
  readonly signal: AbortSignal;
  /** What the main stage kept for the post stage. */
  state(name: string): string;
  info(...lines: readonly string[]): void;
  notice(message: string): void;
  warning(message: string): void;
  /** Says what is wrong and fails the step; the action may go on to clean up. */
  fail(message: string): void;
  debug(message: string): void;
  setOutput(name: string, value: string): void;
  exportVariable(name: string, value: string): void;
  addPath(folder: string): void;
  saveState(name: string, value: string): void;
  addMask(value: string): void;
  /** Runs a program to its end, in the order of calls; a program that is not there is an answer too. */
  exec(argv: HostCommand["argv"], options?: ExecOptions): Promise<ExecEnd>;
  /** Where a program is along PATH. */
  which(program: string): Promise<string | undefined>;
}

export interface ExecOptions {
  readonly cwd?: string;
  /** On top of the action's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Keeps the output out of the log. */
  readonly quiet?: boolean;
}

/** How a program ended; `code` is undefined when it was not found or ended by a signal. */
export interface ExecEnd {
  readonly code: number | undefined;
  /** What it printed, when it was asked to be quiet. */
  readonly output: string;
}
