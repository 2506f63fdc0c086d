import { createHash } from "node:crypto";
import type { BuiltInAction, BuiltInRun, ExecEnd, ExecOptions } from "../actions/built-in.ts";
import type { HostCommand } from "./job-host.ts";
import { findProgram } from "./find-program.ts";
import { processEnv, searchPath } from "./process-env.ts";
import type { Draft, RunningJob } from "./running-job.ts";
import type { StepEffects } from "./step-effects.ts";
import { reportIssue } from "./step-issue.ts";
import { runStepProcess } from "./step-process.ts";
import type { StepTurn, StepWorkEnd } from "./step-scope.ts";

/** Runs a stage of an action that Fairway carries out itself. */
export async function runBuiltIn(
  job: RunningJob,
  draft: Draft,
  turn: StepTurn,
  action: BuiltInAction,
  inputs: Readonly<Record<string, string>>,
  effects: StepEffects,
): Promise<StepWorkEnd["result"]> {
  const run = new RunningBuiltIn(job, draft, turn, inputs, effects);
  if (turn.scope.stage === "post") await action.post?.(run);
  else await action.main(run);
  if (turn.signal.aborted) return "cancelled";
  return run.failed ? "failure" : "success";
}

class RunningBuiltIn implements BuiltInRun {
  readonly env: Readonly<Record<string, string>>;
  readonly github: BuiltInRun["github"];
  readonly job: { readonly id: string };
  readonly host: BuiltInRun["host"];
  readonly services: BuiltInRun["services"];
  readonly signal: AbortSignal;
  failed = false;
  readonly #job: RunningJob;
  readonly #draft: Draft;
  readonly #turn: StepTurn;
  readonly #inputs: ReadonlyMap<string, string>;
  readonly #effects: StepEffects;
  readonly #commands = new Map<string, number>();

  constructor(
    job: RunningJob,
    draft: Draft,
    turn: StepTurn,
    inputs: Readonly<Record<string, string>>,
    effects: StepEffects,
  ) {
    this.#job = job;
    this.#draft = draft;
    this.#turn = turn;
    this.#effects = effects;
    this.#inputs = new Map(Object.entries(inputs).map(([name, value]) => [name.toLowerCase(), value]));
    this.env = processEnv(job, draft, turn, "action");
    this.github = turn.github;
    this.job = { id: job.instance.id };
    const { folders, secrets } = job.host;
    this.host = {
      folders,
      secrets,
      addMask: (value) => job.host.addMask(value),
      identityToken: async (audience) => job.ask(async (host) => host.identityToken(audience)),
      repository: async (wanted) => job.ask(async (host) => host.repository(wanted)),
    };
    this.services = job.around.services;
    this.signal = turn.signal;
  }

  input(name: string): string {
    return (this.#inputs.get(name.toLowerCase()) ?? "").trim();
  }

  flag(name: string): boolean {
    const text = this.input(name);
    if (["true", "True", "TRUE"].includes(text)) return true;
    if (["false", "False", "FALSE"].includes(text)) return false;
    throw new TypeError(
      `Input does not meet YAML 1.2 "Core Schema" specification: ${name}\nSupport boolean input list: \`true | True | TRUE | false | False | FALSE\``,
    );
  }

  state(name: string): string {
    return this.#draft.stateOf(this.#turn.place)[name] ?? "";
  }

  info(...lines: readonly string[]): void {
    this.#job.host.log(
      this.#draft.key,
      lines.flatMap((line) => line.split("\n")),
    );
  }

  notice(message: string): void {
    reportIssue(this.#job, this.#draft, "notice", message);
  }

  warning(message: string): void {
    reportIssue(this.#job, this.#draft, "warning", message);
  }

  fail(message: string): void {
    this.failed = true;
    reportIssue(this.#job, this.#draft, "error", message);
  }

  debug(message: string): void {
    if (this.#job.around.debug) this.info(...message.split("\n").map((line) => `##[debug]${line}`));
  }

  setOutput(name: string, value: string): void {
    this.#effects.outputs[name] = value;
  }

  exportVariable(name: string, value: string): void {
    this.#effects.env[name] = value;
  }

  addPath(folder: string): void {
    this.#effects.paths.push(folder);
  }

  saveState(name: string, value: string): void {
    this.#effects.state[name] = value;
  }

  addMask(value: string): void {
    if (value.trim() === "") return;
    this.#effects.masks.push(value);
    this.#job.host.addMask(value);
  }

  async exec(argv: HostCommand["argv"], options: ExecOptions = {}): Promise<ExecEnd> {
    const cwd = options.cwd ?? this.#job.host.folders.workspace;
    const [name, ...rest] = argv;
    const env = { ...this.env, ...options.env };
    const program = await findProgram(name, env["PATH"] ?? "", cwd);
    if (program === undefined) return { code: undefined, output: "" };
    const end = await runStepProcess(this.#job, this.#draft, this.#turn, this.#effects, {
      suffix: `:${this.#keyOf(cwd, argv)}`,
      argv: [program, ...rest],
      cwd,
      env,
      repeatable: true,
      quiet: options.quiet === true,
    });
    return { code: end.ended === "exited" ? end.code : undefined, output: end.output ?? "" };
  }

  /**
   * Names a command by what it is. After a crash an action may find on disk what it did before and take another way, on which
   * the first command is not the one that was first; by its number it would be taken for that, and not run at all.
   */
  #keyOf(cwd: string, argv: HostCommand["argv"]): string {
    const what = createHash("sha256")
      .update(JSON.stringify([cwd, argv]))
      .digest("hex")
      .slice(0, 12);
    const before = this.#commands.get(what) ?? 0;
    this.#commands.set(what, before + 1);
    return before === 0 ? what : `${what}.${before}`;
  }

  async which(program: string): Promise<string | undefined> {
    return findProgram(program, searchPath(this.#draft, this.env), this.#job.host.folders.workspace);
  }
}
