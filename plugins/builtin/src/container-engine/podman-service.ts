import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { ProcessIdentity, ProcessStatus } from "../process-host/process-identity.ts";
import { allProcesses, identityOf, isRunning } from "../process-host/process-identity.ts";
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
  /** Told besides what the daemon itself was. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Unasked for this long it ends by itself, so that none is left behind by a daemon that was killed. */
const idleSeconds = 120;
const startWithin: Millis = 30_000;
const lookAgain: Millis = 25;
const politeFor: Millis = 1000;
/** A build that was ended takes away what it had begun with. */
const tidiesUpFor: Millis = 15_000;

/** Serves the Engine API by `podman system service`, on a socket of our own. */
export function podmanService({ program, socket, answers, env = {} }: PodmanServiceOptions): PodmanService {
  const { log, identity } = serviceFiles(socket);
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
      const child = spawn(program, args, {
        stdio: ["ignore", output, output],
        detached: true,
        cwd: dirname(socket),
        env: { ...process.env, ...env },
      });
      child.unref();
      if (child.pid !== undefined) writeFileSync(identity, JSON.stringify(identityOf(child.pid)), { mode: 0o600 });
      return child;
    } finally {
      closeSync(output);
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
      await endService(socket);
    },
  };
}

/** What lies beside the socket: what the service says, and who it is, for a later daemon that goes on with it or ends it. */
const serviceFiles = (socket: string): { readonly log: string; readonly identity: string } => ({
  log: `${socket}.log`,
  identity: `${socket}.json`,
});

/** Ends the service of a socket, whoever started it, with the builds that it carries out. May be repeated. */
export async function endService(socket: string): Promise<void> {
  const { log, identity } = serviceFiles(socket);
  const server = serverIn(identity);
  if (server !== null) {
    // Before the service is told: it kills what it runs a step with, and then nobody knows what was in it.
    let left = endSteps(server, []);
    const patience = left.length > 0 ? tidiesUpFor : politeFor;
    signal(server, "SIGTERM");
    for (let waited = 0; isRunning(server) || left.length > 0; waited += lookAgain) {
      left = endSteps(server, left);
      // It waits for requests that go on, a follower of a log say, longer than anybody wants to.
      if (waited >= patience) signal(server, "SIGKILL");
      await delay(lookAgain);
    }
  }
  for (const file of [socket, log, identity]) rmSync(file, { force: true });
}

/**
 * Tells the step of each build of a service to end, so that the build fails and is tidied up: it runs to its end otherwise,
 * whoever of client and service is gone. What outlives what Podman runs a step with, because that had only just begun, is
 * ended by force. Answers with what still runs of all that was found.
 */
function endSteps(server: ProcessIdentity, before: readonly ProcessStatus[]): readonly ProcessStatus[] {
  const steps = stepsOf(server);
  const runtimes = steps.filter(isRuntime);
  const left = [...steps, ...before.filter((old) => !steps.some(({ pid }) => pid === old.pid) && isRunning(old))];
  for (const one of runtimes) signal(one, "SIGTERM");
  if (runtimes.length === 0) for (const one of left) signal(one, "SIGKILL");
  return left;
}

/** What the steps of a service's builds are run with, and all that descends from it. */
function stepsOf(server: ProcessIdentity): readonly ProcessStatus[] {
  const all = allProcesses().filter(({ ended }) => !ended);
  // Its number is given away only once nobody is left in its session.
  if (all.some(({ pid, startTime }) => pid === server.pid && startTime !== server.startTime)) return [];
  const family = (one: ProcessStatus): readonly ProcessStatus[] => [
    one,
    ...all.filter(({ parent }) => parent === one.pid).flatMap(family),
  ];
  return all.filter((found) => found.session === server.pid && isRuntime(found)).flatMap(family);
}

const isRuntime = ({ pid }: ProcessStatus): boolean => commandOf(pid).startsWith("buildah-oci-runtime");

function serverIn(identity: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(identity, "utf8")) as ProcessIdentity | null;
  } catch (thrown) {
    if (hasCode(thrown, "ENOENT") || thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch (thrown) {
    if (hasCode(thrown, "ENOENT", "ESRCH")) return "";
    throw thrown;
  }
}
