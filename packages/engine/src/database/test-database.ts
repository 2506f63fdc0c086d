import { randomBytes } from "node:crypto";
import { readdirSync, readlinkSync } from "node:fs";
import { cp, mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, sep } from "node:path";
import { Client } from "pg";
import { keptBinaries } from "./binaries.ts";
import { ours } from "./cluster.ts";
import { openEmbeddedPostgres } from "./embedded-postgres.ts";
import { watchServersIn } from "./server-watch.ts";
import type { ThrowawayServer } from "./throwaway-server.ts";
import { openThrowawayServer } from "./throwaway-server.ts";

/** The variable through which a whole test run shares one server. */
export const testServerVariable = "FAIRWAY_TEST_DATABASE";

/** Starts the server that one test run shares. */
export const sharedTestServer = (): Promise<ThrowawayServer> => openThrowawayServer({ max_connections: "200" });

/** One database of its own for a test file. */
export interface FreshDatabase {
  readonly name: string;
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
  };
  readonly connectionString: string;
  drop(): Promise<void>;
}

/** What databases may begin as: prepared once per server, then copied. */
export interface DatabaseTemplate {
  /** Lower-case letters, digits and underscores; another preparation needs another name. */
  readonly name: string;
  prepare(connectionString: string): Promise<void>;
}

/** Without durability a copy of the files takes 10 to 50 ms; through the log, PostgreSQL's default, 220 to 400 ms. */
const byFiles = "strategy file_copy";

let ownServer: Promise<ThrowawayServer> | undefined;

/** Makes a database on the run's shared server; where there is none, on a server of this process. */
export async function freshDatabase(template?: DatabaseTemplate): Promise<FreshDatabase> {
  const server = process.env[testServerVariable] ?? (await (ownServer ??= sharedTestServer())).connectionString;
  const name = `test_${randomBytes(6).toString("hex")}`;
  const from = template === undefined ? "template1" : await prepared(server, template);
  await within(server, (client) => client.query(`create database ${name} template ${from} ${byFiles}`));
  return {
    name,
    connection: {
      host: new URL(server).searchParams.get("host") ?? "",
      port: ours.port,
      user: ours.user,
      database: name,
    },
    connectionString: onDatabase(server, name),
    drop: () =>
      within(server, async (client) => void (await client.query(`drop database if exists ${name} with (force)`))),
  };
}

async function prepared(server: string, template: DatabaseTemplate): Promise<string> {
  const name = `template_${template.name}`;
  await within(server, async (client) => {
    // Test files in several processes ask for the same template at once; the lock goes with the connection.
    await client.query("select pg_advisory_lock(hashtext($1))", [name]);
    if ((await client.query("select 1 from pg_database where datname = $1", [name])).rowCount !== 0) return;
    await client.query(`drop database if exists ${name}_unfinished with (force)`);
    await client.query(`create database ${name}_unfinished ${byFiles}`);
    await template.prepare(onDatabase(server, `${name}_unfinished`));
    await client.query(`alter database ${name}_unfinished rename to ${name}`);
  });
  return name;
}

function onDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function within<T>(server: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(server);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A temporary directory for a test that starts servers of its own. */
export interface ScratchDirectory {
  readonly path: string;
  /** Ends what still runs in the directory and removes it; throws when a test left a process running. */
  remove(): Promise<void>;
}

/** Makes a temporary directory whose removal finds leaked processes. */
export async function scratchDirectory(): Promise<ScratchDirectory> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "fairway-scratch-")));
  const watchdog = watchServersIn(path);
  return {
    path,
    async remove() {
      const leaked = processesIn(path);
      for (const { pid } of leaked) process.kill(pid, "SIGKILL");
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
      watchdog.dismiss();
      if (leaked.length > 0)
        throw new Error(`left running: ${leaked.map(({ pid, directory }) => `${pid} in ${directory}`).join(", ")}`);
    },
  };
}

/** A new, stopped database that is made once and copied for each test, which takes a third of making one. */
export interface DatabaseSeed {
  plant(directory: string): Promise<void>;
}

/** Makes the seed in a directory that lives as long as it. */
export async function databaseSeed(directory: string): Promise<DatabaseSeed> {
  const database = await openEmbeddedPostgres({ directory, settings: { fsync: "off" } });
  await database.stop();
  return {
    async plant(target) {
      await mkdir(target, { mode: 0o700 });
      for (const { directory: binaries } of keptBinaries(database.directory))
        await symlink(binaries, join(target, basename(binaries)));
      await cp(database.cluster, join(target, basename(database.cluster)), { recursive: true });
    },
  };
}

function processesIn(path: string): readonly { readonly pid: number; readonly directory: string }[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), directory: workingDirectory(name) }))
    .filter(({ directory }) => directory.startsWith(path + sep));
}

function workingDirectory(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // The process has just ended.
    return "";
  }
}
