import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Argv, Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { RunTool, ToolEnd } from "@fairway/infrastructure";
import { CommandState } from "../commands/command-state.ts";
import type { Grace } from "../commands/end-processes.ts";
import { networkEnvironment } from "../commands/network-environment.ts";
import { resolveProgram } from "../commands/resolve-program.ts";
import { runCommand } from "../commands/run-command.ts";
import type { DataDirectory } from "../data-directory.ts";
import type { Attempt } from "../runs/stage.ts";
import { endOrLetGo } from "../stages/step-command.ts";
import { maskText } from "../workflows/mask-text.ts";
import { dumpBeside, toldOutput } from "./told-output.ts";

/** Where a program of infrastructure runs, and what it is told. */
export interface ToolSetting {
  /** The program's name; null where the command's first word is the program. */
  readonly program: string | null;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** What nobody may read in logs and refusals. */
  readonly secrets: readonly string[];
  /** Of one command. */
  readonly timeout: Millis;
}

/** What the program was told to do was not finished: it was asked to end, or its time was over. */
const interrupted = -1;

const ofMachine = ["TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR"] as const;

/** Settings that a machine's administrator makes for every stack, and what keeps the program from asking anybody. */
export const toolEnvironment = (): Readonly<Record<string, string>> => ({
  TF_IN_AUTOMATION: "1",
  TF_INPUT: "0",
  CHECKPOINT_DISABLE: "1",
  ...Object.fromEntries(
    ofMachine.map((name) => [name, process.env[name]]).filter((entry): entry is [string, string] => !!entry[1]),
  ),
});

/**
 * Runs the program within one step of an attempt. What may change something runs under a runner that outlives the daemon, is
 * logged, and is never started twice; a stop asks it once to end, and waits. What is quiet is asked beside.
 */
export function stackTool(data: DataDirectory, attempt: Attempt, step: string, setting: ToolSetting): RunTool {
  let calls = 0;
  return async (argv, call = {}) => {
    const whole = (setting.program === null ? argv : [setting.program, ...argv]) as Argv;
    const env = { ...setting.env, ...call.env };
    const end =
      call.quiet === true
        ? await askQuietly(whole, setting, env, attempt.signal)
        : await runLogged(data, attempt, calls++ === 0 ? step : `${step}.${calls}`, whole, { ...setting, env });
    // What Terraform answers is read and then told without what is sensitive; everything else is told as it is.
    return end.code === 0 && setting.program !== null
      ? end
      : { code: end.code, output: maskText(end.output, setting.secrets) };
  };
}

/** The provider's own work is waited for; killed in the middle of it, nobody knows what there is. */
const graceOf = (timeout: Millis): Grace => [
  { signal: "SIGINT", wait: Math.max(60_000, Math.min(timeout, 30 * 60_000)) },
  { signal: "SIGTERM", wait: 30_000 },
];

const saidIn = (directory: string): string => join(new CommandState(directory).directory, "said");

/** Where the first command of a step leaves a state that it could write nowhere else. */
export const dumpedStateOf = (data: DataDirectory, attempt: Pick<Attempt, "id">, step: string): string =>
  dumpBeside(saidIn(data.step(attempt.id, step)));

async function runLogged(
  data: DataDirectory,
  attempt: Attempt,
  step: string,
  argv: Argv,
  { folder, env, secrets, timeout }: ToolSetting,
): Promise<ToolEnd> {
  attempt.progress(argv.slice(0, 2).join(" "));
  const directory = data.step(attempt.id, step);
  // What it said to programs; its log is for people.
  const said = saidIn(directory);
  const outcome = await runCommand(
    { directory, argv, cwd: folder, env, secrets, timeout, grace: graceOf(timeout), waitedFor: true },
    { ...endOrLetGo(attempt.signal), filter: () => toldOutput(said, secrets) },
  );
  const output = await readFile(said, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return "";
    throw thrown;
  });
  switch (outcome.ended) {
    case "exited":
      return { code: outcome.code, output };
    case "timed-out":
    case "stopped":
      return { code: interrupted, output };
    case "signalled":
      // Nobody of ours did that: the machine ran out of memory, or a person ended it.
      throw new FairwayError("needs_attention", `${argv.slice(0, 2).join(" ")} was ended by ${outcome.signal}`);
  }
}

/** Longer answers are of no plan that anybody reads. */
const longestAnswer = 1024 * 1024 * 1024;

async function askQuietly(
  [program, ...args]: Argv,
  { folder, timeout }: ToolSetting,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ToolEnd> {
  const { PATH = "/usr/local/bin:/usr/bin:/bin", HOME = "/", LANG = "C.UTF-8", TMPDIR = "/tmp" } = process.env;
  const whole = { PATH, HOME, LANG, TMPDIR, ...networkEnvironment(), ...env };
  const found = await resolveProgram(program, folder, whole.PATH);
  return new Promise((resolve, reject) => {
    const child = spawn(found, args, { cwd: folder, env: whole, stdio: ["ignore", "pipe", "pipe"], timeout, signal });
    const out: Buffer[] = [];
    const errors: Buffer[] = [];
    let length = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= longestAnswer) out.push(chunk);
      else child.kill("SIGKILL");
    });
    child.stderr.on("data", (chunk: Buffer) => void errors.push(chunk));
    child.on("error", (cause) => {
      const why = signal.aborted ? signal.reason : cause;
      reject(why instanceof Error ? why : new FairwayError("command_failed", `could not start ${program}`, { cause }));
    });
    child.on("close", (code, ended) => {
      if (code === null) {
        reject(new FairwayError("command_failed", `${program} ${args[0] ?? ""} was ended by ${ended ?? "a signal"}`));
        return;
      }
      const text = Buffer.concat(out).toString("utf8");
      resolve({ code, output: code === 0 ? text : `${text}\n${Buffer.concat(errors).toString("utf8")}` });
    });
  });
}
