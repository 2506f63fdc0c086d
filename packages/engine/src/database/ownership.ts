import { setTimeout as sleep } from "node:timers/promises";
import type { Millis } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import { Client } from "pg";
import { connectionTo } from "./server.ts";

/** Any number, as long as nothing else in the database uses it: "fairway " in ASCII. */
const ownerLock = "7377290473104603424";

/**
 * One daemon's hold on the server: a connection that keeps an advisory lock. It ends with the daemon however that ends,
 * and its end is how the daemon learns at once that the server has gone.
 */
export interface Ownership {
  /** Of the server that runs, which after an adoption need not be that of the installed package. */
  readonly serverVersion: string;
  readonly ended: Promise<string>;
  /** May be repeated. */
  release(): Promise<void>;
}

/** Takes the server for this process, or refuses when another holds it after `patience`. */
export async function own(socketDirectory: string, patience: Millis): Promise<Ownership> {
  const client = await connected(socketDirectory);
  let reason = "the connection ended";
  client.on("error", (error) => (reason = messageOf(error)));
  const ended = new Promise<string>((resolve) => client.once("end", () => resolve(reason)));
  let serverVersion: string;
  try {
    serverVersion = await versionOf(client);
    // The server notices the end of a killed daemon within milliseconds, but not before.
    for (const deadline = Date.now() + patience; !(await locked(client)); await sleep(25)) {
      if (Date.now() > deadline) throw await heldByAnother(client);
    }
  } catch (thrown) {
    await client.end();
    throw thrown;
  }
  // An open database is no reason for the process to stay.
  const holding = client as Client & { ref(): void; unref(): void };
  holding.unref();
  let released: Promise<void> | undefined;
  async function release(): Promise<void> {
    // Its closing is one: a process with nothing else to wait for would end in the middle of it.
    holding.ref();
    await client.end();
  }
  return { serverVersion, ended, release: () => (released ??= release()) };
}

async function locked(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(`select pg_try_advisory_lock(${ownerLock}) as held`);
  return rows[0]?.held === true;
}

async function versionOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ server_version: string }>("show server_version");
  return rows[0]?.server_version ?? "";
}

async function heldByAnother(client: Client): Promise<FairwayError> {
  const { rows } = await client.query<{ name: string }>(
    `select a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.granted and (l.classid::bigint << 32 | l.objid::bigint) = ${ownerLock}`,
  );
  const holder = rows[0]?.name.replace("fairway ", "process ") ?? "another process";
  return new FairwayError("daemon_running", `could not open the embedded database: ${holder} holds it`, {
    hint: "there can be one daemon for each data directory; stop the other one first",
  });
}

async function connected(socketDirectory: string): Promise<Client> {
  const client = new Client({
    ...connectionTo(socketDirectory),
    application_name: `fairway ${process.pid}`,
    connectionTimeoutMillis: 5_000,
  });
  // A server that is killed may say so in the same breath as that it is ready, before anybody else can listen.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}
