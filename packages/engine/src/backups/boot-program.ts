import { spawn } from "node:child_process";
import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
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
  /** Values of those that go on no record; all of them when left out. */
  readonly hidden?: readonly string[];
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
  const env = { ...program.env, DATABASE_URL: server.url(program.database) };
  const line = await firstLine(
    "nsenter",
    [...inside, "--pid", "--", process.execPath, ...args],
    { cwd: program.directory, env },
    program.within + 30_000,
  );
  const {
    well,
    why,
    said = "",
  } = JSON.parse(line) as { readonly well: boolean; readonly why: string; readonly said?: string };
  const last = said.trim().split("\n").slice(-3).join(" / ");
  return well
    ? { outcome: "passed", why }
    : {
        outcome: "failed",
        why: withoutValues(last === "" ? why : `${why}: ${last}`, program.hidden ?? Object.values(program.env)),
      };
}

/** What a program says last goes on record: values that it was given, which may be secrets, do not. */
export function withoutValues(text: string, values: readonly string[]): string {
  // The longest first: a value may hold another one.
  const worth = values.filter((value) => value.length >= 4).toSorted((one, other) => other.length - one.length);
  return worth.reduce((masked, value) => masked.replaceAll(value, "***"), text);
}

/**
 * The first whole line that a command prints. Neither its exit, which may come before what it wrote is read, nor the end of its
 * pipe, which what it has left behind may hold: whichever says that no line will come. Throws `command_failed`,
 * `deadline_passed`.
 */
export function firstLine(
  file: string,
  args: readonly string[],
  { cwd = "/", env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
  within: Millis,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...serverEnvironment, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    let isDone = false;
    const settle = (how: () => void): void => {
      if (isDone) return;
      isDone = true;
      clearTimeout(deadline);
      child.stdout.destroy();
      child.stderr.destroy();
      how();
    };
    const fail = (why: string, code: "command_failed" | "deadline_passed" = "command_failed"): void =>
      settle(() => reject(new FairwayError(code, `${file} ${why}${stderr.trim() === "" ? "" : `: ${stderr.trim()}`}`)));
    const deadline = setTimeout(() => {
      child.kill("SIGKILL");
      fail(`said nothing within ${within / 1000} s`, "deadline_passed");
    }, within);
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      const end = stdout.indexOf("\n");
      if (end >= 0) settle(() => resolve(stdout.slice(0, end)));
    });
    child.stderr.on("data", (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-2_000)));
    child.on("error", (error) => fail(`could not be started: ${error.message}`));
    let ended: string | null = null;
    let isRead = false;
    const both = (): void => {
      if (ended !== null && isRead) fail(`ended with ${ended} and said nothing`);
    };
    child.on("exit", (code, signal) => {
      ended = String(signal ?? code);
      both();
    });
    child.stdout.on("end", () => {
      isRead = true;
      both();
    });
  });
}
