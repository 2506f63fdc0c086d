import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";

/** Podman's own service of the Engine API, kept running while somebody asks. */
export interface PodmanService {
  readonly socket: string;
  /** Returns once it answers; starts it when it does not. Throws `target_unreachable` when it will not. */
  ensure(): Promise<void>;
  /** Ends the one that was started here. Containers go on: they hang on nothing of it. */
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

/** Serves the Engine API by `podman system service`, on a socket of our own. */
export function podmanService({ program, socket, answers }: PodmanServiceOptions): PodmanService {
  const log = `${socket}.log`;
  let child: ChildProcess | null = null;
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
      return child;
    } finally {
      closeSync(output);
    }
  }

  async function begin(): Promise<void> {
    if (closed) throw new FairwayError("target_unreachable", "the container engine was closed");
    if (existsSync(socket) && (await answers())) return;
    const started = start();
    child = started;
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
      const running = child;
      if (running === null || running.exitCode !== null || running.signalCode !== null) return;
      const ended = new Promise((resolve) => running.once("exit", resolve));
      running.kill("SIGTERM");
      // It waits for requests that go on, a follower of a log say, longer than anybody wants to.
      const timer = setTimeout(() => running.kill("SIGKILL"), 1000);
      await ended;
      clearTimeout(timer);
      for (const file of [socket, log]) rmSync(file, { force: true });
    },
  };
}
