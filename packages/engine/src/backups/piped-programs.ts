import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { pipeline } from "node:stream/promises";
import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { serverEnvironment } from "../database/server-user.ts";

/** A program of a chain. Its words are seen by everybody on the machine: what is secret comes by `env` or by `input`. */
export interface PipedProgram {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What the first one reads; the others read what the one before writes. */
  readonly input?: string;
}

/** How a program has ended. */
export interface PipedEnd {
  readonly file: string;
  readonly ended: number | NodeJS.Signals;
  /** The end of what it said to people. */
  readonly said: string;
}

const lastSaid = 2_000;
/** What age adds to everything that goes wrong. */
const invitation = /^age: report unexpected .*\n?/m;

/**
 * Runs programs, each reading what the one before writes; the last writes into an open file, or nowhere. Answers with how each
 * has ended, in their order, once none of them runs any more. Throws `command_failed` where one is not installed, and
 * `deadline_passed`.
 */
export async function runPiped(
  programs: readonly PipedProgram[],
  {
    into,
    within,
    signal,
  }: { readonly into: number | "nowhere"; readonly within: Millis; readonly signal: AbortSignal },
): Promise<readonly PipedEnd[]> {
  const deadline = AbortSignal.timeout(within);
  const children = programs.map(({ file, args, env }, place) =>
    spawn(file, args, {
      cwd: "/",
      env: { ...serverEnvironment, ...env },
      stdio: ["pipe", place < programs.length - 1 ? "pipe" : into === "nowhere" ? "ignore" : into, "pipe"],
      signal: AbortSignal.any([signal, deadline]),
      killSignal: "SIGKILL",
    }),
  );
  const ends = children.map((child, place) => endOf(child, programs[place]?.file ?? ""));
  const flows = children.map(async (child, place) => {
    const { stdin } = child;
    const before = children[place - 1]?.stdout ?? null;
    if (stdin === null) return;
    // A program that ends before it has read all breaks the pipe: how it ended says why.
    stdin.on("error", () => undefined);
    if (before === null) stdin.end(programs[place]?.input ?? "");
    else await pipeline(before, stdin).catch(() => before.destroy());
  });
  const ended = await Promise.all(ends);
  await Promise.all(flows);
  const missing = ended.find((one) => one.failure === "ENOENT");
  if (missing !== undefined)
    throw new FairwayError("command_failed", `${missing.file} is not installed where the daemon looks`, {
      hint: "install the packages age and postgresql-client, of the database's major version or a newer one",
    });
  if (deadline.aborted)
    throw new FairwayError(
      "deadline_passed",
      `${ended.map(({ file }) => file).join(" and ")} did not end within ${within / 1000} s`,
    );
  return ended;
}

function endOf(child: ChildProcess, file: string): Promise<PipedEnd & { readonly failure: string | null }> {
  let said = "";
  let failure: string | null = null;
  child.stderr?.on(
    "data",
    (chunk: Buffer) => (said = (said + chunk.toString().replace(invitation, "")).slice(-lastSaid)),
  );
  return new Promise((resolve) => {
    const tell = (ended: number | NodeJS.Signals): void => resolve({ file, ended, said: said.trim(), failure });
    child.on("error", (error: NodeJS.ErrnoException) => {
      failure = error.code ?? error.message;
      // Nothing was started, so nothing will end.
      if (child.pid === undefined) tell(127);
    });
    child.on("close", (code, signal) => tell(signal ?? code ?? 1));
  });
}

/** The first that did not end well, in a sentence; null where all did. That they say so is no evidence of what they made. */
export function whyNotWell(ends: readonly PipedEnd[]): string | null {
  // What comes after a program that ended early only says that there was too little to read.
  const first = ends.find(({ ended }) => ended !== 0);
  return first === undefined
    ? null
    : `${first.file} ended with ${first.ended}: ${first.said.split("\n").slice(-3).join(" / ")}`;
}
