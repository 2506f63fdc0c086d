import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What a run of the command line left. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const bin = fileURLToPath(new URL("../../bin/fairway.mjs", import.meta.url));

/** Runs the built command line, as a user's shell does, and waits for its end. */
export function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<Ended> {
  const { CI: _ci, FORCE_COLOR: _force, NO_COLOR: _no, ...rest } = process.env;
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...rest, ...env },
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...said }));
  });
}
