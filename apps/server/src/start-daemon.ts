import { spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Problem } from "@fairway/api";
import { FairwayError } from "@fairway/core";
import { makeDirectory } from "@fairway/engine/make-directory";
import { bundledProgram } from "./bundled-program.ts";
import { readDaemonRecord } from "./daemon-lock.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import { argumentsOf } from "./daemon-options.ts";
import { directoryUnusable } from "./directory-unusable.ts";

const built = join(import.meta.dirname, "..", "dist");

/** A daemon that answers. */
export interface RunningDaemon {
  readonly pid: number;
  readonly url: string;
}

/** A daemon that was just started. */
export interface StartedDaemon extends RunningDaemon {
  /** What it cannot do on this machine, as sentences. */
  readonly lacks: readonly string[];
  /** With which somebody becomes the first administrator; told to whoever starts the daemon, and written down nowhere. */
  readonly firstCode: string | null;
}

/**
 * A small nursery for young objects: over 5,000 steps 27 MB less memory, and processor time the same within its noise. No
 * source maps: they took 70 ms of each start, and what is built is the source without its types.
 */
const flags = ["--max-semi-space-size=2"];

/** A first start makes the database; on a slow disk that takes a while. */
const startWithin = 60_000;
/** What a daemon that could not start gets to undo what it had opened. */
const endWithin = 30_000;

/**
 * Starts a daemon in the background and returns when it answers. What keeps it from starting is thrown as the error it
 * met, and nothing is left running. It lives on after this process, with a log of its own.
 */
export async function startDaemon(options: DaemonOptions): Promise<StartedDaemon> {
  await makeDirectory(options.dataDirectory).catch((cause: unknown) => {
    throw directoryUnusable(`cannot make the data directory ${options.dataDirectory}`, cause);
  });
  const log = await open(join(options.dataDirectory, "daemon.log"), "a", 0o600).catch((cause: unknown) => {
    throw directoryUnusable(`cannot write to the data directory ${options.dataDirectory}`, cause);
  });
  const program = await bundledProgram(built);
  const child = spawn(process.execPath, [...flags, program, ...argumentsOf(options)], {
    detached: true,
    cwd: options.dataDirectory,
    stdio: ["ignore", log.fd, log.fd, "ipc"],
  });
  await log.close();
  const gone = new Promise((resolve) => child.once("exit", resolve).once("error", resolve));
  const answered = new AbortController();
  try {
    return await Promise.race([readiness(child), tooLate(child, answered.signal)]);
  } catch (thrown) {
    // It has told why and is about to end; whoever hears of it may try again at once, with the same ports.
    const late = setTimeout(() => child.kill("SIGKILL"), endWithin);
    await gone;
    clearTimeout(late);
    throw thrown;
  } finally {
    answered.abort();
    if (child.connected) child.disconnect();
    child.unref();
  }
}

/** What a starting daemon tells the one who starts it. */
export type StartMessage = { readonly ready: StartedDaemon } | { readonly problem: Problem };

async function readiness(child: ReturnType<typeof spawn>): Promise<StartedDaemon> {
  const ended = once(child, "exit").then((values: unknown[]) => {
    const [code, signal] = values as [number | null, NodeJS.Signals | null];
    throw new FairwayError("internal", `the daemon ended while starting (${signal ?? `exit code ${code}`})`, {
      hint: "see daemon.log in the data directory",
    });
  });
  const told = once(child, "message").then(([message]: unknown[]) => message as StartMessage);
  const message = await Promise.race([told, ended]);
  ended.catch(() => undefined);
  if ("ready" in message) return message.ready;
  const { code, message: sentence, ...details } = message.problem;
  throw new FairwayError(code, sentence, details);
}

/** Ends a daemon that does not answer in time. Once it has answered nobody waits for it: who started it may live on. */
function tooLate(child: ReturnType<typeof spawn>, answered: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const late = setTimeout(() => {
      child.kill("SIGKILL");
      const hint = "see daemon.log in the data directory";
      reject(new FairwayError("deadline_passed", `the daemon did not answer within ${startWithin / 1000} s`, { hint }));
    }, startWithin);
    late.unref();
    answered.addEventListener("abort", () => clearTimeout(late));
  });
}

/** The daemon that answers for a data directory, or null. */
export async function findDaemon(dataDirectory: string): Promise<RunningDaemon | null> {
  const record = await readDaemonRecord(dataDirectory);
  if (!record?.url) return null;
  try {
    const response = await fetch(`${record.url}/livez`, { signal: AbortSignal.timeout(2000) });
    // Of one that was killed the record stays, and the port may be another's by now.
    const { pid } = (await response.json()) as { readonly pid?: number };
    return response.ok && pid === record.pid ? { pid, url: record.url } : null;
  } catch {
    return null;
  }
}
