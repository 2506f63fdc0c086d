import { mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "@fairway/core";
import { type EnvFilePairs, parseEnvFile, parsePathFile } from "./env-files.ts";
import type { StepEffects } from "./step-effects.ts";

const kinds = {
  env: "set_env_",
  output: "set_output_",
  path: "add_path_",
  state: "save_state_",
  step_summary: "step_summary_",
} as const;

type FileKind = keyof typeof kinds;
const fileKinds = Object.keys(kinds) as readonly FileKind[];

/** The largest summary that is kept; a larger one is an error that people see, not a failure. */
const summaryLimit = 1024 * 1024;
/** A step cannot make us hold more than this of one file in memory. */
const fileLimit = 64 * 1024 * 1024;

/** What the files said besides the effects. */
export interface FileCommandsRead {
  readonly summary: string | undefined;
  readonly errors: readonly string[];
}

/**
 * The files through which one step speaks: GITHUB_ENV, GITHUB_OUTPUT, GITHUB_PATH, GITHUB_STATE and GITHUB_STEP_SUMMARY. A
 * step that is found again after a crash is still writing into them, so they are named by the step and never emptied.
 */
export class FileCommands {
  readonly #folder: string;
  readonly #key: string;

  constructor(temp: string, key: string) {
    this.#folder = join(temp, "_runner_file_commands");
    this.#key = key.replaceAll(/[^\w.-]/g, "_");
  }

  pathOf(kind: FileKind): string {
    return join(this.#folder, kinds[kind] + this.#key);
  }

  /** Their paths by the names they have in the `github` context. */
  paths(): Readonly<Record<FileKind, string>> {
    return {
      env: this.pathOf("env"),
      output: this.pathOf("output"),
      path: this.pathOf("path"),
      state: this.pathOf("state"),
      step_summary: this.pathOf("step_summary"),
    };
  }

  /** Makes those that are not there. */
  async create(): Promise<void> {
    try {
      await this.#touchAll();
    } catch (thrown) {
      if ((thrown as { readonly code?: unknown }).code !== "ENOENT") throw thrown;
      await mkdir(this.#folder, { recursive: true });
      await this.#touchAll();
    }
  }

  async #touchAll(): Promise<void> {
    await Promise.all(fileKinds.map(async (kind) => (await open(this.pathOf(kind), "a")).close()));
  }

  /**
   * Takes what the step wrote, also when it failed, in the order of the official runner; a file that cannot be read as what
   * it should be fails the step (FileCommandManager).
   */
  async process(effects: StepEffects): Promise<FileCommandsRead> {
    const errors: string[] = [];
    const texts = await Promise.all(fileKinds.map(async (kind) => this.#read(kind, effects, errors)));
    const text = (kind: FileKind): string => texts[fileKinds.indexOf(kind)] ?? "";
    effects.paths.push(...parsePathFile(text("path")));
    const take = (kind: FileKind, into: Record<string, string>, refused?: (name: string) => boolean): void => {
      const read: EnvFilePairs = parseEnvFile(text(kind));
      for (const [name, value] of read.pairs) {
        if (refused?.(name) === true) {
          errors.push(`Can't store ${name.toUpperCase()} output parameter using '$GITHUB_ENV' command.`);
        } else {
          into[name] = value;
        }
      }
      if (!("problem" in read)) return;
      errors.push(`Unable to process file command '${kind}' successfully.`, read.problem);
      effects.failed = true;
    };
    take("env", effects.env, (name) => name.toUpperCase() === "NODE_OPTIONS");
    take("state", effects.state);
    take("output", effects.outputs);
    const summary = text("step_summary");
    const size = Buffer.byteLength(summary);
    if (size <= summaryLimit) return { summary: summary === "" ? undefined : summary, errors };
    errors.push(
      `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of ${summaryLimit / 1024}k, got ${Math.floor(size / 1024)}k. For more information see: https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions#adding-a-markdown-summary`,
    );
    return { summary: undefined, errors };
  }

  async #read(kind: FileKind, effects: StepEffects, errors: string[]): Promise<string> {
    const path = this.pathOf(kind);
    try {
      const { size } = await stat(path);
      if (size === 0) return "";
      if (size > fileLimit) throw new RangeError(`it has ${size} bytes, more than ${fileLimit}`);
      return await readFile(path, "utf8");
    } catch (thrown) {
      if ((thrown as { readonly code?: unknown }).code === "ENOENT") return ""; // The step took it away.
      // What it wanted to leave is lost, so nobody may go on as if it had left nothing.
      errors.push(`Could not read the file command '${kind}': ${messageOf(thrown)}`);
      effects.failed = true;
      return "";
    }
  }

  async remove(): Promise<void> {
    await Promise.all(fileKinds.map(async (kind) => rm(this.pathOf(kind), { force: true, recursive: true })));
  }
}
