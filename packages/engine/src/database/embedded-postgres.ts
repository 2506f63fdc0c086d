import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import type { FairwayError, Millis } from "@fairway/core";
import { codeOf } from "@fairway/core";
import type { Binaries } from "./binaries.ts";
import { packagedBinaries } from "./binaries.ts";
import { ours } from "./cluster.ts";
import { databaseError } from "./database-error.ts";
import {
  binariesFor,
  ensureCluster,
  makeRunnable,
  prepareDirectory,
  removeOlderBinaries,
} from "./database-directory.ts";
import type { Ownership } from "./ownership.ts";
import { own } from "./ownership.ts";
import type { Server, ServerSetup, StopPatience } from "./server.ts";
import { connectionTo, ensureServer, stopServer } from "./server.ts";
import { rotate } from "./server-log.ts";
import { makeSocketDirectory } from "./socket-directory.ts";

/** What happens to a database server that should be up. */
export type DatabaseEvent =
  | { readonly kind: "down"; readonly reason: string }
  | { readonly kind: "restart_failed"; readonly error: FairwayError; readonly nextTryIn: Millis }
  | { readonly kind: "up"; readonly pid: number; readonly wasDownFor: Millis }
  /** Another daemon has taken the database: this one must end. */
  | { readonly kind: "lost"; readonly error: FairwayError };

export interface EmbeddedPostgresOptions {
  /** The database's own directory; it is made when it is not there. */
  readonly directory: string;
  /** Told when the server dies and when it is back; connections of before are broken then, new ones work. */
  readonly onEvent?: (event: DatabaseEvent) => void;
  /** How long a start may take; recovery after a crash is part of it. */
  readonly startWithin?: Millis;
  /** How long to wait for another daemon to let go before refusing. */
  readonly ownWithin?: Millis;
  /** The binaries to use instead of the installed package's. */
  readonly binaries?: Binaries;
  /** Settings of PostgreSQL for tests, such as `fsync`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** PostgreSQL of our own, running, held by this process and kept up until it is stopped. */
export interface EmbeddedPostgres {
  readonly directory: string;
  readonly cluster: string;
  /** What `pg` and DBOS take; the socket stays the same over restarts of the server. */
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
  };
  readonly connectionString: string;
  /** The version that runs, such as 18.4, its major, and the major that the installed package would bring. */
  readonly version: string;
  readonly major: number;
  readonly packagedMajor: number | undefined;
  /** Whether the server had outlived a killed daemon. */
  readonly adopted: boolean;
  readonly pid: number;
  /** Shuts the server down cleanly. May be repeated. */
  stop(patience?: Partial<StopPatience>): Promise<void>;
  /** Lets go of the server and leaves it running for the next daemon. */
  leave(): Promise<void>;
}

const rotateEvery: Millis = 10 * 60_000;
const longestPause: Millis = 10_000;
const stopAtOnce: StopPatience = { fast: 0, immediate: 5_000 };

/** Starts the embedded database, making it the first time, or adopts the one that outlived a killed daemon. */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const directory = await prepareDirectory(options.directory);
  const packaged = options.binaries ?? packagedBinaries();
  const runnable = await makeRunnable(directory, binariesFor(directory, packaged));
  await ensureCluster(directory, runnable, options.settings?.["fsync"] !== "off");
  const setup: ServerSetup = {
    cluster: directory.cluster,
    ...runnable,
    socketDirectory: await makeSocketDirectory(directory.path, runnable.user),
    log: { path: join(directory.path, "server.log") },
    settings: options.settings ?? {},
    startWithin: options.startWithin ?? 60_000,
  };
  const first = await raise(setup, options.ownWithin ?? 1_000);
  if (!first.server.adopted) await removeOlderBinaries(directory, runnable.binaries);
  // A server that was adopted may have its socket elsewhere; restarts keep it where clients look for it.
  const supervised = supervise(
    { ...setup, socketDirectory: first.server.socketDirectory },
    first,
    options.onEvent ?? (() => undefined),
  );
  const connection = connectionTo(first.server.socketDirectory);
  return {
    directory: directory.path,
    cluster: directory.cluster,
    connection,
    connectionString: `postgresql://${ours.user}@localhost:${ours.port}/${ours.database}?host=${encodeURIComponent(connection.host)}`,
    version: first.ownership.serverVersion,
    major: runnable.binaries.major,
    packagedMajor: packaged?.major,
    adopted: first.server.adopted,
    get pid() {
      return supervised.pid();
    },
    stop: (patience) => supervised.end({ fast: 30_000, immediate: 10_000, ...patience }),
    leave: () => supervised.end(undefined),
  };
}

interface Held {
  readonly server: Server;
  readonly ownership: Ownership;
}

/** The server runs, answers and is ours afterwards, whatever was there before; or an error says why not. */
async function raise(setup: ServerSetup, ownWithin: Millis, signal?: AbortSignal): Promise<Held> {
  let server: Server | undefined;
  try {
    server = await ensureServer(setup, signal);
    return { server, ownership: await own(server.socketDirectory, ownWithin) };
  } catch (thrown) {
    const error = databaseError("start the embedded database", thrown);
    const isOurs = error.code !== "daemon_running";
    if (server !== undefined && !server.adopted && isOurs) await stopServer(setup.cluster, server.pid, stopAtOnce);
    throw error;
  }
}

interface Supervised {
  pid(): number;
  end(patience: StopPatience | undefined): Promise<void>;
}

function supervise(setup: ServerSetup, first: Held, tell: (event: DatabaseEvent) => void): Supervised {
  const ending = new AbortController();
  let held = first;
  const rotation = setInterval(() => rotate(setup.log), rotateEvery).unref();

  async function keepUp(): Promise<void> {
    for (;;) {
      const reason = await held.ownership.ended;
      if (ending.signal.aborted) return;
      tell({ kind: "down", reason });
      const downSince = Date.now();
      const again = await raiseAgain();
      if (again === undefined) return;
      held = again;
      if (ending.signal.aborted) return;
      tell({ kind: "up", pid: held.server.pid, wasDownFor: Date.now() - downSince });
    }
  }

  async function raiseAgain(): Promise<Held | undefined> {
    for (let pause: Millis = 100; ; pause = Math.min(pause * 2, longestPause)) {
      try {
        return await raise(setup, 1_000, ending.signal);
      } catch (thrown) {
        if (ending.signal.aborted) return undefined;
        const error = databaseError("restart the embedded database", thrown);
        if (codeOf(error) === "daemon_running") {
          tell({ kind: "lost", error });
          return undefined;
        }
        tell({ kind: "restart_failed", error, nextTryIn: pause });
        // An abort only ends the pause early.
        await sleep(pause, undefined, { signal: ending.signal }).catch(() => undefined);
        if (ending.signal.aborted) return undefined;
      }
    }
  }

  const watch = keepUp();
  let ended: Promise<void> | undefined;
  async function end(patience: StopPatience | undefined): Promise<void> {
    ending.abort();
    clearInterval(rotation);
    await held.ownership.release();
    await watch;
    // A restart may have succeeded just before it was told to stop.
    await held.ownership.release();
    if (patience !== undefined) await stopServer(setup.cluster, held.server.pid, patience);
  }
  return { pid: () => held.server.pid, end: (patience) => (ended ??= end(patience)) };
}
