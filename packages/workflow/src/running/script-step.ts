import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import type { RunStep } from "../model/step.ts";
import type { Evaluation } from "./evaluation.ts";
import { findProgram } from "./find-program.ts";
import { processEnv } from "./process-env.ts";
import type { Draft, RunningJob } from "./running-job.ts";
import { scriptContents, shellArguments, shellCommand } from "./shells.ts";
import { reportIssue } from "./step-issue.ts";
import { runStepProcess } from "./step-process.ts";
import type { StepTurn, StepWorkEnd } from "./step-scope.ts";
import type { StepEffects } from "./step-effects.ts";
import { writeWhole } from "./write-whole.ts";

/** Runs the script of a `run` step: one process of its shell. */
export async function runScript(
  job: RunningJob,
  draft: Draft,
  turn: StepTurn,
  step: RunStep,
  evaluation: Evaluation,
  effects: StepEffects,
): Promise<StepWorkEnd["result"]> {
  const { workspace, temp } = job.host.folders;
  const script = evaluation.text(step.run);
  // The job's defaults say nothing about the steps of a composite action.
  const defaults = turn.scope.place === "" ? job.instance.defaults : [];
  const setting = (own: RunStep["shell"], name: "shell" | "workingDirectory"): string | undefined => {
    const template = own ?? defaults.findLast((one) => one[name] !== undefined)?.[name];
    return template === undefined ? undefined : evaluation.text(template);
  };
  const shellName = setting(step.shell, "shell");
  const cwd = resolve(workspace, setting(step.workingDirectory, "workingDirectory") ?? "");
  const env = processEnv(job, draft, turn, "script");
  const path = env["PATH"] ?? "";
  // In a container it is `sh`, and what programs there are only the container knows.
  const inside = job.containers !== null && job.containers.steps !== null;
  const chosen = shellName !== undefined && shellName !== "";
  const bash = chosen || inside ? undefined : await findProgram("bash", path, cwd);
  const shell = shellCommand(shellName, bash !== undefined);
  if ("problem" in shell) throw new TypeError(shell.problem);
  const program = bash ?? (inside ? shell.program : await findProgram(shell.program, path, cwd));
  printHeader(job, draft, turn, script, `${program ?? shell.program} ${shell.format}`);
  if (program === undefined) throw new TypeError(`${shell.program}: command not found`);
  const file = join(temp, `${guidOf(`${job.host.startedAt}/${turn.place}`)}${shell.extension}`);
  // Found again after a crash, the shell may be reading it; and one that is not whole would do nothing, and do it well.
  await writeWhole(file, scriptContents(shell.program, script));
  const end = await runStepProcess(job, draft, turn, effects, {
    suffix: "",
    argv: [program, ...shellArguments(shell.format, file)],
    inContainer: true,
    cwd,
    env,
    repeatable: false,
  });
  switch (end.ended) {
    case "exited":
      if (end.code === 0) return "success";
      reportIssue(job, draft, "error", `Process completed with exit code ${end.code}.`);
      return "failure";
    case "killed":
      reportIssue(job, draft, "error", `Process was ended by ${end.signal}.`);
      return "failure";
    case "cancelled":
    case "timed-out":
      return end.ended;
  }
}

function printHeader(job: RunningJob, draft: Draft, turn: StepTurn, script: string, shell: string): void {
  const [first = ""] = script.trimStart().split(/[\r\n]/, 1);
  const body = script.replaceAll("\r\n", "\n").replace(/\n+$/, "").split("\n");
  const lines = [`##[group]Run ${first}`, ...body.map((line) => `\u001B[36;1m${line}\u001B[0m`), `shell: ${shell}`];
  job.host.log(draft.key, [...lines, ...environmentLines(turn.env), "##[endgroup]"]);
}

/** What the log says of the variables that the workflow set. */
export function environmentLines(env: Readonly<Record<string, string>>): readonly string[] {
  const entries = Object.entries(env);
  return entries.length === 0 ? [] : ["env:", ...entries.flatMap(([name, value]) => `  ${name}: ${value}`.split("\n"))];
}

/** A name like the official runner's, the same again after a crash. */
function guidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
