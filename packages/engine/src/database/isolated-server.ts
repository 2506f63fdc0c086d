import { readdir, readFile, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Millis } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import { askOnce } from "./ask-once.ts";
import { programOf } from "./binaries.ts";
import type { RunnableBinaries } from "./database-directory.ts";
import { connectionTo } from "./server.ts";
import { configureCluster, ours } from "./cluster.ts";
import { giveTo } from "./server-user.ts";
import { makeSocketDirectory } from "./socket-directory.ts";
import type { Apart } from "./isolation.ts";
import { commandApart, startApart } from "./isolation.ts";

/** A server on a copy that reaches nothing, and that only this process reaches. */
export interface IsolatedServer {
  readonly connection: ReturnType<typeof connectionTo>;
  /** Of a process in its namespace, as it is seen from here. */
  readonly pid: number;
  /** Its connection in words for a program that runs beside it. */
  readonly url: (database: string) => string;
  stop(): Promise<void>;
}

/** What else a copy is started with. */
export interface IsolatedOptions {
  /** Ends it at once: whoever asks it something is told that it is gone. */
  readonly closing?: AbortSignal;
  /** A directory with files of the log that it is to replay. */
  readonly log?: string | undefined;
  /** The cluster's superuser, and the database that is asked; ours when left out. */
  readonly user?: string;
  readonly database?: string;
}

/**
 * Starts a server on a restored cluster, with a socket and without a network, and waits until all of the log is replayed.
 */
export async function startIsolated(
  cluster: string,
  runnable: RunnableBinaries,
  within: Millis,
  { closing, log, user = ours.user, database = ours.database }: IsolatedOptions = {},
): Promise<IsolatedServer> {
  await giveTo(runnable.user, cluster);
  if (log !== undefined) await giveTo(runnable.user, log);
  await configureCluster(cluster);
  const socket = await makeSocketDirectory(join(cluster, ".."), runnable.user, "socket");
  // Nothing may leave for production's archive, and nobody keeps a copy of a copy.
  const settings: Readonly<Record<string, string>> = {
    ...{ listen_addresses: "", archive_mode: "off", restart_after_crash: "off", fsync: "off" },
    ...(log === undefined ? {} : replaying(log)),
  };
  const args = [
    ...["-D", cluster, "-k", socket],
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  const apart = startApart(commandApart(runnable.user, programOf(runnable.binaries, "postgres"), args), cluster);
  const connection = { ...connectionTo(socket, database), user };
  const end = (): void => void apart.end();
  closing?.addEventListener("abort", end, { once: true });
  if (closing?.aborted === true) end();
  try {
    await replayed(connection, apart, within);
  } catch (thrown) {
    closing?.removeEventListener("abort", end);
    await apart.end();
    throw thrown;
  }
  const pid = await firstInside(apart);
  const namespace = await namespaceOf(String(pid));
  return {
    connection,
    pid,
    url: (of) => `postgresql://${connection.user}@localhost:${connection.port}/${of}?host=${socket}`,
    async stop() {
      closing?.removeEventListener("abort", end);
      await apart.end();
      await emptied(namespace);
      await rm(socket, { recursive: true, force: true });
    },
  };
}

/**
 * Replays what lies in a directory, and asks nobody for more. Nobody reads meanwhile, so that no setting need be as
 * production's was.
 */
const replaying = (log: string): Readonly<Record<string, string>> => ({
  restore_command: `cp "${log}/%f" "%p"`,
  recovery_target_timeline: "latest",
  hot_standby: "off",
  max_prepared_transactions: "100",
});

async function replayed(connection: IsolatedServer["connection"], apart: Apart, within: Millis): Promise<void> {
  const deadline = Date.now() + within;
  let state = "running";
  void apart.ended.then(() => (state = "ended"));
  let last = "it did not answer";
  while (state === "running") {
    if (Date.now() > deadline)
      throw new FairwayError("deadline_passed", `the copy was not replayed within ${within / 1000} s: ${last}`);
    try {
      if (!(await isRecovering(connection))) return;
      last = "it is still replaying its log";
    } catch (thrown) {
      last = messageOf(thrown);
    }
    await sleep(50);
  }
  throw new FairwayError("backup_damaged", `the server on the copy ended: ${await apart.ended}`);
}

const isRecovering = (connection: IsolatedServer["connection"]): Promise<boolean> =>
  askOnce(connection, async (ask) => {
    const [row] = await ask<{ readonly recovering: boolean }>("select pg_is_in_recovery() as recovering");
    return row?.recovering ?? true;
  });

/**
 * Waits until nothing is left in a namespace whose first process was killed: what came into it later holds none of the pipes
 * that the server's end is seen by, and may still have its files open.
 */
async function emptied(namespace: string | null): Promise<void> {
  if (namespace === null || namespace === (await namespaceOf("self"))) return;
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(10)) {
    const found = await Promise.all((await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(namespaceOf));
    if (!found.includes(namespace)) return;
  }
  throw new FairwayError("deadline_passed", "what was started beside a copy has not ended within 10 s");
}

/** Of a process's identifiers; null where it has ended, or belongs to somebody else. */
const namespaceOf = (pid: string): Promise<string | null> => readlink(`/proc/${pid}/ns/pid`).catch(() => null);

/** The one child of `unshare`: the first process of the namespace. */
async function firstInside(apart: Apart): Promise<number> {
  const parent = apart.process.pid ?? 0;
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(join("/proc", name, "stat"), "utf8").catch(() => "");
    if (Number(/\) \S (\d+)/.exec(stat)?.[1]) === parent) return Number(name);
  }
  return parent;
}
