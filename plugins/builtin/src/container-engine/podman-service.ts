import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { ProcessIdentity } from "../process-host/process-identity.ts";
import { identityOf, isRunning } from "../process-host/process-identity.ts";
import { signal } from "../process-host/replica-processes.ts";
import { hasCode } from "../process-host/system-error.ts";

/** Podman's own service of the Engine API, kept running while somebody asks. */
export interface PodmanService {
  readonly socket: string;
  /** Returns once it answers; starts it when it does not. Throws `target_unreachable` when it will not. */
  ensure(): Promise<void>;
  /** Ends it, whoever started it. Containers go on: they hang on nothing of it. */
  close(): Promise<void>;
}

/** What Podman is started with, and how one knows that it answers. */
export interface PodmanServiceOptions {
  readonly program: string;
  /** Absolute, and short: the path of a socket has 107 bytes at most. */
  readonly socket: string;
  readonly answers: () => Promise<boolean>;
}

/** Unasked for this long it ends by itself, so that none is left behind by a daemon that was killed. */
const idleSeconds = 120;
const startWithin: Millis = 30_000;
const lookAgain: Millis = 25;
const politeFor: Millis = 1000;

/** Serves the Engine API by `podman system service`, on a socket of our own. */
export function podmanService({ program, socket, answers }: PodmanServiceOptions): PodmanService {
  const log = `${socket}.log`;
  /** Of the one that serves: a later daemon goes on with it, and ends it. */
  const identity = `${socket}.json`;
  let ensuring: Promise<void> | null = null;
  let closed = false;

  function start(): ChildProcess {
    mkdirSync(dirname(socket), { recursive: true, mode: 0o700 });
    rmSync(socket, { force: true });
    const output = openSync(log, "w", 0o600);
    try {
      const args = ["system", "service", `--time=${idleSeconds}`, `unix://${socket}`];
      // In a session of its own: a Ctrl-C at the daemon's terminal is not for it. And in a folder of its own: when a
      // container runs out of memory, conmon leaves a file `oom` where Podman was started.
      const child = spawn(program, args, { stdio: ["ignore", output, output], detached: true, cwd: dirname(socket) });
      child.unref();
      if (child.pid !== undefined) writeFileSync(identity, JSON.stringify(identityOf(child.pid)), { mode: 0o600 });
      return child;
    } finally {
      closeSync(output);
    }
  }

  function readServer(): ProcessIdentity | null {
    try {
      return JSON.parse(readFileSync(identity, "utf8")) as ProcessIdentity | null;
    } catch (thrown) {
      if (hasCode(thrown, "ENOENT") || thrown instanceof SyntaxError) return null;
      throw thrown;
    }
  }

  async function begin(): Promise<void> {
    if (closed) throw new FairwayError("target_unreachable", "the container engine was closed");
    if (existsSync(socket) && (await answers())) return;
    const started = start();
    let trouble: unknown = null;
    started.once("error", (thrown) => (trouble = thrown));
    const deadline = Date.now() + startWithin;
    while (Date.now() < deadline && trouble === null && started.exitCode === null && started.signalCode === null) {
      if (existsSync(socket) && (await answers())) return;
      await delay(lookAgain);
    }
    started.kill("SIGKILL");
    const said = readFileSync(log, "utf8").trim().split("\n").slice(-5).join("\n");
    throw new FairwayError("target_unreachable", `podman system service did not start: ${said || "it said nothing"}`, {
      cause: trouble,
      retryable: true,
    });
  }

  return {
    socket,
    ensure: () => (ensuring ??= begin().finally(() => (ensuring = null))),
    async close() {
      closed = true;
      await ensuring?.catch(() => undefined);
      const server = readServer();
      if (!isRunning(server) || server === null) return;
      signal(server, "SIGTERM");
      // It waits for requests that go on, a follower of a log say, longer than anybody wants to.
      for (let waited = 0; isRunning(server); waited += lookAgain) {
        if (waited >= politeFor) signal(server, "SIGKILL");
        await delay(lookAgain);
      }
      for (const file of [socket, log, identity]) rmSync(file, { force: true });
    },
  };
}
