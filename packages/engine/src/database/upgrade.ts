import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { Client } from "pg";
import type { Binaries } from "./binaries.ts";
import { noBinaries, packagedBinaries } from "./binaries.ts";
import { makeCluster, ours } from "./cluster.ts";
import type { CopiedRows } from "./copy-rows.ts";
import { copyRows } from "./copy-rows.ts";
import { databaseError } from "./database-error.ts";
import { makeRunnable, prepareDirectory, swapIn } from "./database-directory.ts";
import { openEmbeddedPostgres } from "./embedded-postgres.ts";
import { own } from "./ownership.ts";
import { connectionTo, ensureServer, stopServer } from "./server.ts";
import { giveTo } from "./server-user.ts";
import { makeSocketDirectory } from "./socket-directory.ts";
import { unfinishedName } from "./unfinished.ts";

export interface UpgradeOptions {
  /** The database's directory; no daemon may hold it. */
  readonly directory: string;
  /** Makes every schema, with all that is in it, in an empty database of the new version: our migrations and DBOS's. */
  readonly prepare: (database: {
    readonly connection: {
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly database: string;
    };
  }) => Promise<void>;
  /** The binaries to go to; those of the installed package by default. */
  readonly to?: Binaries;
  readonly startWithin?: Millis;
}

/** What an upgrade did. */
export type Upgraded =
  | { readonly kind: "current"; readonly major: number }
  | {
      readonly kind: "upgraded";
      readonly from: number;
      readonly to: number;
      readonly copied: CopiedRows;
      readonly keptAs: string;
    };

const patience = { fast: 60_000, immediate: 10_000 };

/**
 * Takes the database to another major version of PostgreSQL. The old one runs with the binaries that were kept with it,
 * a new one is made beside, rows are copied and compared, and the two change places by rename. The old one is kept. A
 * crash at any point leaves a directory that opens: with the old database until the swap, with the new one after it.
 */
export async function upgradeEmbeddedPostgres(options: UpgradeOptions): Promise<Upgraded> {
  const target = options.to ?? packagedBinaries();
  if (target === undefined) throw noBinaries();
  const directory = await prepareDirectory(options.directory);
  const startWithin = options.startWithin ?? 10 * 60_000;
  const old = await openEmbeddedPostgres({ directory: directory.path, binaries: target, startWithin });
  const building = unfinishedName(directory.cluster);
  const exchange = unfinishedName(join(directory.path, "exchange"));
  try {
    if (old.major === target.major) return { kind: "current", major: old.major };
    if (old.major > target.major) {
      throw new FairwayError(
        "database_unusable",
        `could not take the database from PostgreSQL ${old.major} back to ${target.major}`,
        {
          hint: `install the version of Fairway that brings PostgreSQL ${old.major} or newer`,
        },
      );
    }
    const runnable = await makeRunnable(directory, target);
    await makeCluster(building, runnable.binaries, runnable.user);
    await mkdir(exchange, { mode: 0o700 });
    await giveTo(runnable.user, exchange);
    const socketDirectory = await makeSocketDirectory(directory.path, runnable.user, "socket-upgrade");
    const log = { path: join(directory.path, "upgrade.log") };
    const fresh = await ensureServer({
      cluster: building,
      ...runnable,
      socketDirectory,
      log,
      settings: {},
      startWithin,
    });
    let copied: CopiedRows;
    try {
      await (await own(socketDirectory, 1_000)).release();
      await options.prepare({ connection: connectionTo(socketDirectory) });
      copied = await copyBetween(old.connection.host, socketDirectory, exchange);
    } finally {
      await stopServer(building, fresh.pid, patience);
    }
    await old.stop(patience);
    const keptAs = freeName(directory.path, `postgres-${old.major}-kept`);
    await swapIn(directory, building, keptAs);
    for (const path of [socketDirectory, log.path]) await rm(path, { recursive: true, force: true });
    return { kind: "upgraded", from: old.major, to: target.major, copied, keptAs: join(directory.path, keptAs) };
  } catch (thrown) {
    throw databaseError(`upgrade the database in ${options.directory}`, thrown);
  } finally {
    await old.stop(patience);
    for (const path of [building, exchange]) await rm(path, { recursive: true, force: true });
  }
}

async function copyBetween(oldSocket: string, newSocket: string, exchange: string): Promise<CopiedRows> {
  const clients = [oldSocket, newSocket].map(
    (socket) => new Client({ ...connectionTo(socket), connectionTimeoutMillis: 5_000 }),
  );
  const [from, to] = clients as [Client, Client];
  for (const client of clients) {
    // The error of the question that was being asked is the one that is thrown.
    client.on("error", () => undefined);
    await client.connect();
  }
  try {
    await refuseOtherDatabases(from);
    return await copyRows(from, to, exchange);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

async function refuseOtherDatabases(client: Client): Promise<void> {
  const { rows } = await client.query<{ names: string | null }>(
    `select string_agg(datname, ', ') as names from pg_database where not datistemplate and datname <> '${ours.database}'`,
  );
  const names = rows[0]?.names ?? null;
  if (names === null) return;
  throw new FairwayError("database_unusable", `the embedded server has databases that are not Fairway's: ${names}`, {
    hint: "move them elsewhere and drop them; an upgrade copies only Fairway's own",
  });
}

function freeName(directory: string, name: string): string {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? name : `${name}-${count}`;
    if (!existsSync(join(directory, candidate))) return candidate;
  }
}
