import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The real daemon, in a process of its own. */
export interface KillableDaemon {
  /** Where it answers, once it does; rejects when it ends before. */
  readonly ready: Promise<string>;
  readonly gone: Promise<unknown>;
  kill(): Promise<void>;
}

/** Where everything of a daemon is, and where it listens. The same from one start to the next. */
export interface DaemonPlace {
  readonly data: string;
  readonly repository: string;
  readonly port: number;
  readonly routerPort: number;
  readonly internalPort: number;
  /** A PostgreSQL of the team's; without it the daemon runs its own. */
  readonly databaseUrl?: string;
}

const program = join(import.meta.dirname, "../../apps/server/dist/main.js");

/** Starts the built daemon. Its log goes on where the one before ended. */
export function startKillableDaemon(place: DaemonPlace): KillableDaemon {
  mkdirSync(place.data, { recursive: true, mode: 0o700 });
  const log = openSync(join(place.data, "daemon.log"), "a", 0o600);
  const numbers = { "--port": place.port, "--router-port": place.routerPort, "--internal-port": place.internalPort };
  const flags = Object.entries(numbers).flatMap(([flag, value]) => [flag, String(value)]);
  const child: ChildProcess = fork(program, ["--data", place.data, "--repository", place.repository, ...flags], {
    stdio: ["ignore", log, log, "ipc"],
    detached: true,
    execArgv: [],
    env: place.databaseUrl === undefined ? process.env : { ...process.env, DATABASE_URL: place.databaseUrl },
  });
  closeSync(log);
  const gone = once(child, "exit");
  const told = once(child, "message") as Promise<[{ readonly ready?: { readonly url: string } }]>;
  const ready = Promise.race([
    told.then(([message]) => {
      if (message.ready) return message.ready.url;
      throw new Error(`the daemon did not start: ${JSON.stringify(message)}`);
    }),
    gone.then(([code, signal]) => {
      throw new Error(`the daemon ended while starting (${String(code ?? signal)})`);
    }),
  ]);
  // One that is killed while it starts is waited for by nobody.
  ready.catch(() => undefined);
  return {
    ready,
    gone,
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** Kills the embedded database's server, as a crash of it would; whether one ran. */
export function killDatabase(data: string): boolean {
  try {
    process.kill(
      Number(readFileSync(join(data, "database", "postgres", "postmaster.pid"), "utf8").split("\n")[0]),
      "SIGKILL",
    );
    return true;
  } catch (thrown) {
    if (["ENOENT", "ESRCH"].includes(String((thrown as NodeJS.ErrnoException).code))) return false;
    throw thrown;
  }
}
