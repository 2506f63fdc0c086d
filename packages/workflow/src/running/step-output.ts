// Long because it is one state machine: every command may change how the next line is read.

import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { messageOf } from "@fairway/core";
import type { AnnotationCounter } from "./annotation-counter.ts";
import { annotationPlace } from "./annotation-place.ts";
import type { Annotation, FilteredOutput, OutputFilter, OutputWish } from "./job-host.ts";
import { type Finding, MatcherState, type ProblemMatcher, readMatchers } from "./problem-matcher.ts";
import { type StepEffects, withMatchers } from "./step-effects.ts";
import { looksLikeCommand, parseWorkflowCommand, type WorkflowCommand, workflowCommands } from "./workflow-command.ts";
import { withinTime } from "./within-time.ts";

/** What the commands in a step's output depend on. */
export interface OutputSurroundings {
  readonly step: string;
  readonly workspace: string;
  /** The environment of the step: some commands are allowed by a variable. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether `::debug::` is shown, and every command echoed: ACTIONS_STEP_DEBUG. */
  readonly debug: boolean;
  readonly matchers: readonly ProblemMatcher[];
  /** How long all matchers together may look at a batch, and each at a line. */
  readonly matcherLimit?: number;
}

const messageLimit = 4096;
const blockedVariables = new Set(["NODE_OPTIONS"]);
// Only the sequences that colour text, as the official runner.
// oxlint-disable-next-line no-control-regex
const colour = /\u001B\[[0-9;]*m?/g;

/**
 * Takes the commands out of the output of one command, lets the problem matchers look at the rest, and says what is to be
 * logged (ActionCommandManager and OutputManager of the official runner). The same lines always give the same answers.
 */
export class StepOutput implements OutputFilter {
  readonly #around: OutputSurroundings;
  readonly #effects: StepEffects;
  readonly #counter: AnnotationCounter;
  #matchers: MatcherState[];
  #stopToken: string | undefined;
  #echo: boolean;
  #logged: string[] = [];
  #annotations: Annotation[] = [];
  #masks: string[] = [];

  constructor(around: OutputSurroundings, effects: StepEffects, counter: AnnotationCounter) {
    this.#around = around;
    this.#effects = effects;
    this.#counter = counter;
    this.#matchers = around.matchers.map((matcher) => new MatcherState(matcher));
    this.#echo = around.debug;
  }

  get wants(): OutputWish {
    return this.#matchers.length > 0 ? "all" : "marked";
  }

  readonly lines = async (batch: readonly string[]): Promise<FilteredOutput> => this.take(batch);

  /** The same without waiting, for what a built-in action prints. */
  take(batch: readonly string[]): FilteredOutput {
    const findings = this.#preview(batch);
    for (const [index, line] of batch.entries()) {
      if (findings === undefined) this.#line(line);
      else this.#plain(line, findings[index]);
    }
    const answer = { lines: this.#logged, masks: this.#masks, annotations: this.#annotations, wants: this.wants };
    this.#logged = [];
    this.#masks = [];
    this.#annotations = [];
    return answer;
  }

  /**
   * Matches a whole batch at once, because guarding each line costs more than matching it. Undefined when the lines must be
   * taken one by one: a command among them may change the matchers, or a pattern runs wild.
   */
  #preview(batch: readonly string[]): readonly (Finding | undefined)[] | undefined {
    if (this.#matchers.length === 0 || batch.some((line) => this.#commandOf(line) !== undefined)) return undefined;
    const trial = this.#matchers.map((state) => state.copy());
    const done = withinTime(this.#limit, () => batch.map((line) => firstFinding(trial, line)));
    if (done === undefined) return undefined;
    this.#matchers = trial;
    return done.result;
  }

  get #limit(): number {
    return this.#around.matcherLimit ?? 1000;
  }

  #line(line: string): void {
    if (this.#tryCommand(line)) return;
    this.#plain(line, this.#matchers.length > 0 ? this.#guardedFinding(line) : undefined);
  }

  #plain(line: string, finding: Finding | undefined): void {
    const annotation = finding === undefined ? undefined : this.#annotationOf(finding);
    if (annotation === undefined) this.#log(line);
    else this.#issue(annotation, line.replaceAll(colour, ""));
  }

  #guardedFinding(line: string): Finding | undefined {
    const stripped = line.replaceAll(colour, "");
    for (const state of this.#matchers) {
      let done: { readonly result: Finding | undefined } | undefined;
      for (let attempt = 0; attempt < 3 && done === undefined; attempt++) {
        done = withinTime(this.#limit, () => state.match(stripped));
      }
      if (done === undefined) {
        const { owner } = state.matcher;
        this.#matchers = this.#matchers.filter((other) => other !== state);
        this.#issue({
          level: "warning",
          message: `Removing issue matcher '${owner}'. Matcher failed 3 times. Error: it took longer than ${this.#limit} ms for a line.`,
        });
      } else if (done.result !== undefined) {
        for (const other of this.#matchers) if (other !== state) other.reset();
        return done.result;
      }
    }
    return undefined;
  }

  #commandOf(line: string): WorkflowCommand | undefined {
    if (!looksLikeCommand(line)) return undefined;
    const token = this.#stopToken;
    return parseWorkflowCommand(line, (name) => workflowCommands.includes(name.toLowerCase()) || sameWord(name, token));
  }

  #tryCommand(line: string): boolean {
    const token = this.#stopToken;
    const command = this.#commandOf(line);
    if (command === undefined) return false;
    if (token !== undefined) {
      if (!sameWord(command.name, token)) return false;
      this.#stopToken = undefined;
      this.#log(line);
      return true;
    }
    const name = command.name.toLowerCase();
    const quiet = ["add-mask", "debug", "notice", "warning", "error"].includes(name);
    if (this.#echo && !quiet && name !== "stop-commands") this.#log(line);
    try {
      this.#carryOut(name, command, line);
    } catch (thrown) {
      this.#issue({ level: "error", message: `Unable to process command '${quiet ? name : line}' successfully.` });
      this.#issue({ level: "error", message: messageOf(thrown) });
      this.#effects.failed = true;
    }
    return true;
  }

  #carryOut(name: string, { properties, data }: WorkflowCommand, line: string): void {
    switch (name) {
      case "group":
        return this.#log(`##[group]${data}`);
      case "endgroup":
        return this.#log("##[endgroup]");
      case "debug":
        if (this.#around.debug) for (const one of data.split("\n")) this.#log(`##[debug]${one}`);
        return;
      case "notice":
      case "warning":
      case "error":
        return this.#issue({
          level: name,
          message: data,
          ...(properties["title"] === undefined ? {} : { title: properties["title"] }),
          ...this.#fileOf(properties["file"]),
          ...annotationPlace(properties),
        });
      case "add-mask":
        return this.#addMask(data);
      case "set-output":
        this.#effects.outputs[required(properties, name)] = data;
        return this.#deprecated(name);
      case "save-state":
        this.#effects.state[required(properties, name)] = data;
        return this.#deprecated(name);
      case "set-env":
        return this.#setEnv(properties, data);
      case "add-path":
        this.#mustBeAllowed(name);
        if (data === "") throw new TypeError("Value cannot be empty: path");
        this.#effects.paths.push(data);
        return;
      case "echo":
        return this.#setEcho(data);
      case "stop-commands":
        return this.#stop(data, line);
      case "add-matcher":
        return this.#addMatcher(data);
      case "remove-matcher":
        return this.#removeMatcher(properties["owner"] ?? "", data);
      default:
        return;
    }
  }

  #addMask(value: string): void {
    if (value.trim() === "") {
      this.#issue({ level: "warning", message: "Can't add secret mask for empty string in ##[add-mask] command." });
      return;
    }
    if (this.#echo) this.#log("::add-mask::***");
    for (const mask of [value, ...value.split(/[\r\n]+/).map((line) => line.trim())]) {
      if (mask === "" || this.#effects.masks.includes(mask)) continue;
      this.#effects.masks.push(mask);
      this.#masks.push(mask);
    }
  }

  #setEnv(properties: Readonly<Record<string, string>>, data: string): void {
    this.#mustBeAllowed("set-env");
    const name = required(properties, "set-env");
    if (blockedVariables.has(name.toUpperCase())) {
      this.#issue({ level: "error", message: `Can't update ${name} environment variable using ::set-env:: command.` });
    } else {
      this.#effects.env[name] = data;
    }
  }

  #setEcho(data: string): void {
    if (data === "") throw new TypeError("Value cannot be empty: value");
    const word = data.trim().toLowerCase();
    if (word !== "on" && word !== "off") {
      throw new TypeError(
        `Invalid echo command value. Possible values can be: 'on', 'off'. Current value is: '${data}'.`,
      );
    }
    this.#echo = word === "on";
  }

  #stop(token: string, line: string): void {
    const known = workflowCommands.includes(token.toLowerCase());
    const allowed = isTrue(this.#around.env["ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS"]);
    if ((known || token === "" || sameWord(token, "pause-logging")) && !allowed) {
      throw new TypeError(
        "You cannot use a endToken that is an empty string, the string 'pause-logging', or another workflow command. For more information see: https://docs.github.com/actions/learn-github-actions/workflow-commands-for-github-actions#example-stopping-and-starting-workflow-commands or opt into insecure command execution by setting the `ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS` environment variable to `true`.",
      );
    }
    this.#stopToken = token;
    this.#log(line);
    // The token lets the following lines give commands again, so nobody may read it early.
    if (token.length > 6) this.#addMask(token);
  }

  #mustBeAllowed(command: string): void {
    if (isTrue(this.#around.env["ACTIONS_ALLOW_UNSECURE_COMMANDS"])) return;
    throw new TypeError(
      `The \`${command}\` command is disabled. Please upgrade to using Environment Files or opt into unsecure command execution by setting the \`ACTIONS_ALLOW_UNSECURE_COMMANDS\` environment variable to \`true\`. For more information see: https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/`,
    );
  }

  #deprecated(command: string): void {
    this.#issue({
      level: "warning",
      message: `The \`${command}\` command is deprecated and will be disabled soon. Please upgrade to using Environment Files. For more information see: https://github.blog/changelog/2022-10-11-github-actions-deprecating-save-state-and-set-output-commands/`,
    });
  }

  #addMatcher(file: string): void {
    if (file === "") {
      this.#issue({ level: "warning", message: "File path must be specified." });
      return;
    }
    this.#changeMatchers({ add: readMatchers(readFileSync(resolve(this.#around.workspace, file), "utf8")) });
  }

  #removeMatcher(owner: string, file: string): void {
    if ((owner === "") === (file === "")) {
      const message =
        owner === ""
          ? "Either an owner name or a file path must be specified in ##[remove-matcher] command."
          : "Either specify an owner name or a file path in ##[remove-matcher] command. Both values cannot be set.";
      this.#issue({ level: "warning", message });
      return;
    }
    const owners =
      owner !== ""
        ? [owner]
        : readMatchers(readFileSync(resolve(this.#around.workspace, file), "utf8")).map((matcher) => matcher.owner);
    this.#changeMatchers({ remove: owners });
  }

  #changeMatchers(change: StepEffects["matchers"][number]): void {
    this.#effects.matchers.push(change);
    const known = new Map(this.#matchers.map((state) => [state.matcher, state]));
    const matchers = withMatchers([...known.keys()], change);
    this.#matchers = matchers.map((matcher) => known.get(matcher) ?? new MatcherState(matcher));
  }

  #annotationOf(finding: Finding): Omit<Annotation, "id" | "step"> | undefined {
    const { message = "", severity = "", code = "" } = finding;
    const level = severity === "" ? "error" : severity.toLowerCase();
    if (message.trim() === "" || (level !== "error" && level !== "warning" && level !== "notice")) return undefined;
    const line = wholeNumber(finding.line);
    const column = wholeNumber(finding.column);
    return {
      level,
      message,
      ...(code.trim() === "" ? {} : { title: code.trim() }),
      ...this.#existingFile(finding),
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
    };
  }

  /** Only a file that is there and below the workspace: anything else would point nowhere. */
  #existingFile({ file = "", fromPath = "" }: Finding): { readonly file?: string } {
    if (file.trim() === "") return {};
    const from = fromPath.trim() === "" || isAbsolute(file) ? "" : dirname(fromPath);
    const path = resolve(this.#around.workspace, from, file);
    const below = relative(this.#around.workspace, path);
    return below.startsWith("..") || isAbsolute(below) || !existsSync(path) ? {} : { file: below };
  }

  #fileOf(file: string | undefined): { readonly file?: string } {
    if (file === undefined || file === "") return {};
    const below = isAbsolute(file) ? relative(this.#around.workspace, file) : file;
    return { file: below === "" || below.startsWith("..") ? file : below };
  }

  /** Logs an issue and shows it, with another text in the log when a matcher found it there. */
  #issue(annotation: Omit<Annotation, "id" | "step">, text: string = annotation.message): void {
    const counted = this.#counter.next({ ...annotation, message: annotation.message.slice(0, messageLimit) });
    if (counted !== undefined) this.#annotations.push(counted);
    if (text !== "") for (const line of text.split("\n")) this.#log(`##[${annotation.level}]${line}`);
  }

  #log(line: string): void {
    this.#logged.push(line);
  }
}

function firstFinding(matchers: readonly MatcherState[], line: string): Finding | undefined {
  const stripped = line.replaceAll(colour, "");
  for (const state of matchers) {
    const finding = state.match(stripped);
    if (finding === undefined) continue;
    for (const other of matchers) if (other !== state) other.reset();
    return finding;
  }
  return undefined;
}

function required(properties: Readonly<Record<string, string>>, command: string): string {
  const name = properties["name"] ?? "";
  if (name === "") throw new TypeError(`Required field 'name' is missing in ##[${command}] command.`);
  return name;
}

const sameWord = (one: string, other: string | undefined): boolean => one.toLowerCase() === other?.toLowerCase();
const isTrue = (text: string | undefined): boolean => text?.toLowerCase() === "true";
const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
