import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { realpathSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import type { Millis } from "@fairway/core";
import type { Evaluation } from "./evaluation.ts";

/** How a configuration program ended that gave no answer of its own. */
export type Unanswered =
  | { readonly outcome: "timeout"; readonly after: Millis }
  | { readonly outcome: "too-large"; readonly bytes: number }
  | { readonly outcome: "ended"; readonly how: string; readonly output: string };

export interface EvaluationLimits {
  readonly deadline: Millis;
  readonly outputBytes: number;
  readonly memoryMegabytes: number;
}

export const evaluationLimits: EvaluationLimits = {
  deadline: 10_000,
  outputBytes: 5 * 1024 * 1024,
  memoryMegabytes: 256,
};

// The process lives for a blink: optimising its code and helper threads for its garbage cost more than they give. Reading
// the marketplace example took 350 ms of processor time with these and 550 ms without (best of 8, Node 20.20).
const shortLived = ["--no-opt", "--single-threaded-gc"];

// The built file, also when this one is run from its source: a child process has no resolver for sources.
const built = join(import.meta.dirname, "..", "dist");
const packageFolder = realpathSync(join(built, ".."));
const jitiFolder = dirname(createRequire(import.meta.url).resolve("jiti/package.json"));

/**
 * Runs a configuration program in a process that sees no environment variables and may only read. Ends with its answer,
 * or with the way in which it gave none; nothing of the process is left then. Throws when it could not be started.
 */
export async function evaluate(
  file: string,
  limits: EvaluationLimits = evaluationLimits,
): Promise<Evaluation | Unanswered> {
  const directory = dirname(file);
  const child = spawn(
    process.execPath,
    [
      "--no-warnings",
      ...shortLived,
      `--max-old-space-size=${limits.memoryMegabytes}`,
      permissionFlag(process.versions.node),
      ...[directory, packageFolder, jitiFolder].map((folder) => `--allow-fs-read=${folder}/*`),
      join(built, "evaluation-child.js"),
      file,
    ],
    // A group of its own, so that the whole of it can be killed.
    { cwd: directory, env: {}, detached: true, stdio: ["pipe", "pipe", "pipe", "pipe"] },
  );
  return await outcomeOf(child, child.stdio[3] as Readable, limits);
}

/** The permission model left its experimental stage in 22.13 (https://nodejs.org/api/permissions.html). */
export function permissionFlag(version: string): string {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 13) ? "--permission" : "--experimental-permission";
}

async function outcomeOf(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  result: Readable,
  limits: EvaluationLimits,
): Promise<Evaluation | Unanswered> {
  const answer: Buffer[] = [];
  let answered = 0;
  let printed = 0;
  let lastOutput = "";
  let stopped: Unanswered | null = null;

  function stop(because: Unanswered): void {
    stopped ??= because;
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(-child.pid, "SIGKILL");
  }

  const timer = setTimeout(() => stop({ outcome: "timeout", after: limits.deadline }), limits.deadline);
  result.on("data", (chunk: Buffer) => {
    answered += chunk.length;
    if (answered > limits.outputBytes) stop({ outcome: "too-large", bytes: limits.outputBytes });
    else answer.push(chunk);
  });
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      printed += chunk.length;
      lastOutput = (lastOutput + chunk.toString("utf8")).slice(-4096);
      if (printed > limits.outputBytes) stop({ outcome: "too-large", bytes: limits.outputBytes });
    });

  try {
    const how = await new Promise<string>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve(code === null ? `by ${signal}` : `with exit code ${code}`));
    });
    if (stopped !== null) return stopped;
    if (answer.length === 0) return { outcome: "ended", how, output: lastOutput };
    return readAnswer(Buffer.concat(answer).toString("utf8")) ?? { outcome: "ended", how, output: lastOutput };
  } finally {
    clearTimeout(timer);
  }
}

/** Null when it is not what our child writes: the program has written to the same descriptor, or died in the middle. */
function readAnswer(text: string): Evaluation | null {
  try {
    const parsed = JSON.parse(text) as Evaluation | null;
    return parsed?.outcome === "value" || parsed?.outcome === "fault" ? parsed : null;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}
