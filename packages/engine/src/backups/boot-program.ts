import { spawn } from "node:child_process";
import type { Millis } from "@fairway/core";
import { serverEnvironment } from "../database/server-user.ts";
import type { DrillFinding } from "./drill-parts.ts";
import type { IsolatedServer } from "../database/isolated-server.ts";

/** A program of a release, as a drill starts it. */
export interface BootedProgram {
  readonly command: readonly string[];
  readonly directory: string;
  /** Where it says that it is well: an address on its own machine. */
  readonly health: string;
  readonly within: Millis;
  /** What it finds beside DATABASE_URL. */
  readonly env: Readonly<Record<string, string>>;
  /** The database that it is given. */
  readonly database: string;
}

// Runs inside: starts the program, asks it until it is well, and says in one line how that went.
const asker = `
const [health, within, file, ...args] = process.argv.slice(1);
const child = require("node:child_process").spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
let said = "", last = "it did not answer";
const hear = (chunk) => (said = (said + chunk).slice(-600));
child.stdout.on("data", hear);
child.stderr.on("data", hear);
const tell = (answer) => { process.stdout.write(JSON.stringify(answer) + "\\n", () => process.exit(0)); };
child.on("error", (error) => tell({ well: false, why: "it could not be started: " + error.message }));
child.on("exit", (code, signal) => setTimeout(() => tell({ well: false, why: "it ended with " + (signal ?? code), said }), 50));
const deadline = Date.now() + Number(within);
(async () => {
  while (Date.now() < deadline) {
    try {
      const answer = await fetch(health, { signal: AbortSignal.timeout(Math.max(1, deadline - Date.now())) });
      if (answer.status === 200) return tell({ well: true, why: "it answered 200" });
      last = "it answered " + answer.status;
    } catch (error) { last = error.cause?.code ?? error.message; }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  tell({ well: false, why: "it was not well within " + Number(within) / 1000 + " s: " + last, said });
})();
`;

/**
 * Starts a program beside the server on the copy, where it reaches nothing else, and waits until it is well. All of it is gone
 * afterwards with the namespace.
 */
export async function bootProgram(program: BootedProgram, server: IsolatedServer): Promise<DrillFinding> {
  // In all that the server's namespace has; its own loopback is all the network there is.
  const inside = ["--target", String(server.pid), "--net", "--user", "--preserve-credentials"];
  const args = ["-e", asker, program.health, String(program.within), ...program.command];
  const { stdout } = await run(
    "nsenter",
    [...inside, "--pid", "--", process.execPath, ...args],
    { cwd: program.directory, env: { ...program.env, DATABASE_URL: server.url(program.database) } },
    program.within + 30_000,
  );
  const {
    well,
    why,
    said = "",
  } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") as {
    readonly well: boolean;
    readonly why: string;
    readonly said?: string;
  };
  const last = said.trim().split("\n").slice(-3).join(" / ");
  return well ? { outcome: "passed", why } : { outcome: "failed", why: last === "" ? why : `${why}: ${last}` };
}

function run(
  file: string,
  args: readonly string[],
  { cwd = "/", env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
  within: Millis,
): Promise<{ readonly stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...serverEnvironment, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: within,
      killSignal: "SIGKILL",
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-2_000)));
    child.on("error", reject);
    // Not `close`: what the program has left behind holds the pipes until the namespace ends.
    child.on("exit", (code, signal) =>
      setImmediate(() =>
        code === 0 ? resolve({ stdout }) : reject(new Error(`${file} ended with ${signal ?? code}: ${stderr.trim()}`)),
      ),
    );
  });
}
