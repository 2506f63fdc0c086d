import { spawn } from "node:child_process";
import { closeSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Millis } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import { Client } from "pg";
import type { Binaries } from "./binaries.ts";
import { programOf } from "./binaries.ts";
import { configureCluster, ours } from "./cluster.ts";
import { isDatabaseAway, serverError } from "./database-error.ts";
import { isAlive, isPostmasterOf, readPostmasterFile, runningServer } from "./postmaster-file.ts";
import type { ServerLog } from "./server-log.ts";
import { lastLines, lengthOf, rotate } from "./server-log.ts";
import type { ServerUser } from "./server-user.ts";
import { commandAs, giveTo, serverEnvironment } from "./server-user.ts";

/** Everything a start of the server depends on. */
export interface ServerSetup {
  readonly cluster: string;
  readonly binaries: Binaries;
  readonly user: ServerUser;
  readonly socketDirectory: string;
  readonly log: ServerLog;
  /** Settings over those of the cluster, for tests that need no durability. */
  readonly settings: Readonly<Record<string, string>>;
  readonly startWithin: Millis;
}

/** A server that runs on a cluster and answers. */
export interface Server {
  readonly pid: number;
  readonly socketDirectory: string;
  /** Whether it ran already, left by a daemon that was killed. */
  readonly adopted: boolean;
}

/** How to connect to the server behind a socket. */
export function connectionTo(
  socketDirectory: string,
  database: string = ours.database,
): { readonly host: string; readonly port: number; readonly user: string; readonly database: string } {
  return { host: socketDirectory, port: ours.port, user: ours.user, database };
}

/** Adopts the server that runs on the cluster, or starts one, and waits until it answers. */
export async function ensureServer(setup: ServerSetup, signal?: AbortSignal): Promise<Server> {
  const deadline = Date.now() + setup.startWithin;
  for (;;) {
    const running = runningServer(setup.cluster);
    if (running !== undefined) {
      const adopted = await adopt(setup, running.pid, deadline, signal);
      if (adopted !== undefined) return adopted;
      // It can no longer be reached: its socket was cleaned away.
      await stopServer(setup.cluster, running.pid, { fast: 10_000, immediate: 5_000 });
    }
    const started = await start(setup, deadline, signal);
    if (started !== undefined) return started;
    await sleep(50, undefined, signal === undefined ? {} : { signal });
  }
}

/** How long each way of ending the server gets before the next, harsher one. */
export interface StopPatience {
  readonly fast: Millis;
  readonly immediate: Millis;
}

/** Stops a server: a fast shutdown, after its time an immediate one (recovery runs at the next start), then a kill. */
export async function stopServer(cluster: string, pid: number, patience: StopPatience): Promise<void> {
  const steps: readonly [NodeJS.Signals, Millis][] = [
    ["SIGINT", patience.fast],
    ["SIGQUIT", patience.immediate],
    ["SIGKILL", 5_000],
  ];
  for (const [name, wait] of steps) {
    if (!isPostmasterOf(pid, cluster)) return;
    signalServer(pid, name);
    for (const deadline = Date.now() + wait; Date.now() < deadline; await sleep(10)) {
      if (!isPostmasterOf(pid, cluster)) return;
    }
  }
  throw new FairwayError(
    "deadline_passed",
    `could not stop the database server ${pid}: it is still there after SIGKILL`,
    {
      hint: "the disk may be hanging; look at the process with ps",
    },
  );
}

function signalServer(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ESRCH") throw thrown;
  }
}

/** Waits for the answer of a server that was there before; undefined when its socket is gone though it runs. */
async function adopt(
  setup: ServerSetup,
  pid: number,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<Server | undefined> {
  const socketGoneBy = Date.now() + 1_000;
  let problem = "";
  while (Date.now() < deadline && isPostmasterOf(pid, setup.cluster)) {
    signal?.throwIfAborted();
    const socketDirectory = readPostmasterFile(setup.cluster)?.socketDirectory ?? "";
    const answer = socketDirectory === "" ? new Error("it has no socket yet") : await asked(socketDirectory, deadline);
    if (answer === undefined) return { pid, socketDirectory, adopted: true };
    problem = messageOf(answer);
    if (codeIs(answer, "ENOENT", "ECONNREFUSED") && Date.now() > socketGoneBy) return undefined;
    await sleep(10);
  }
  if (!isPostmasterOf(pid, setup.cluster)) return undefined;
  throw new FairwayError(
    "database_unavailable",
    `could not reach the database server ${pid}, which runs already, within ${setup.startWithin / 1000} s: ${problem}`,
    {
      hint: `see ${setup.log.path}; if the process hangs, end it with kill -9 ${pid}: nothing that was committed is lost`,
      retryable: true,
    },
  );
}

/** Starts a server; undefined when another has the cluster, or the processes of a killed one are still leaving it. */
async function start(
  setup: ServerSetup,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<Server | undefined> {
  const { cluster, log, user } = setup;
  removeLeftovers(cluster, setup.socketDirectory);
  await giveTo(user, cluster);
  await configureCluster(cluster);
  rotate(log);
  const before = lengthOf(log);
  const child = spawnServer(setup);
  const ended = new Promise<string>((resolve) => {
    child.once("exit", (code, name) => resolve(`ended with ${name ?? `exit code ${code}`}`));
    child.once("error", (error) => resolve(error.message));
  });
  let end: string | undefined;
  void ended.then((reason) => (end = reason));
  let problem = "it never said that it takes connections";
  while (Date.now() < deadline && signal?.aborted !== true) {
    if (end !== undefined) {
      const printed = lastLines(log, before);
      const text = printed.join("\n");
      const another = /lock file ".*" already exists/.test(text) || /pre-existing shared memory block/.test(text);
      if (another && Date.now() < deadline) return undefined;
      throw serverError(`start the database server (it ${end})`, printed);
    }
    // Another's server may be ready in this cluster while ours is about to find that out and end.
    const file = readPostmasterFile(cluster);
    if (file?.pid === child.pid && file?.isReady === true) {
      const answer = await asked(setup.socketDirectory, deadline);
      if (answer === undefined) {
        child.unref();
        return { pid: file.pid, socketDirectory: setup.socketDirectory, adopted: false };
      }
      problem = messageOf(answer);
    }
    await Promise.race([ended, sleep(5)]);
  }
  if (child.pid !== undefined) await stopServer(cluster, child.pid, { fast: 0, immediate: 5_000 });
  signal?.throwIfAborted();
  throw new FairwayError(
    "deadline_passed",
    `could not get an answer of the database server within ${setup.startWithin / 1000} s (${problem}); its last lines were:\n${lastLines(log, before).join("\n")}`,
    {
      hint: `see ${log.path}; after a crash of a large database recovery can take minutes`,
      retryable: true,
    },
  );
}

/** In a session of its own and with its own log, so that it outlives the daemon; the next daemon adopts it. */
function spawnServer(setup: ServerSetup): ReturnType<typeof spawn> {
  const settings = Object.entries(setup.settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const { file, args, identity } = commandAs(setup.user, programOf(setup.binaries, "postgres"), [
    ...["-D", setup.cluster, "-k", setup.socketDirectory, "-p", String(ours.port), ...settings],
  ]);
  const output = openSync(setup.log.path, "a", 0o600);
  try {
    return spawn(file, args, {
      ...identity,
      env: serverEnvironment,
      cwd: setup.cluster,
      detached: true,
      stdio: ["ignore", output, output],
    });
  } finally {
    closeSync(output);
  }
}

/**
 * PostgreSQL refuses to start while the pid of a leftover file belongs to any process of the same user, which after a
 * power cut or in a new container is often so. Files of dead pids stay: with them PostgreSQL itself makes sure that no
 * process of the former server still has the memory.
 */
function removeLeftovers(cluster: string, socketDirectory: string): void {
  const file = readPostmasterFile(cluster);
  if (file === undefined || !isAlive(file.pid) || isPostmasterOf(file.pid, cluster)) return;
  rmSync(join(cluster, "postmaster.pid"), { force: true });
  rmSync(join(socketDirectory, `.s.PGSQL.${ours.port}.lock`), { force: true });
}

/** Asks the server for one answer: undefined is a good one. */
async function asked(socketDirectory: string, deadline: number): Promise<unknown> {
  const client = new Client({
    ...connectionTo(socketDirectory, "template1"),
    connectionTimeoutMillis: Math.max(100, Math.min(5_000, deadline - Date.now())),
  });
  client.on("error", () => {
    // The answer that matters is connect's own.
  });
  try {
    await client.connect();
    await client.end();
    return undefined;
  } catch (thrown) {
    await client.end().catch(() => undefined);
    if (isDatabaseAway(thrown)) return thrown;
    throw thrown;
  }
}

const codeIs = (thrown: unknown, ...codes: readonly string[]): boolean =>
  typeof thrown === "object" && thrown !== null && "code" in thrown && codes.includes(String(thrown.code));
