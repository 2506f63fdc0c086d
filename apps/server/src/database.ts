import { join } from "node:path";
import type { FairwayError } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import type {
  DataDirectory,
  EmbeddedPostgres,
  PreviewDatabaseServer,
  ShadowServer,
  Store,
  WrappedKey,
} from "@fairway/engine";
import {
  backupDatabase,
  copyArtifacts,
  openEmbeddedPostgres,
  openStore,
  sealingKeys,
  serviceDatabase,
  shadowServerOn,
  upgradeIfBehind,
} from "@fairway/engine";
import { namedShadowServer } from "./shadow-server.ts";
import { openTeamDatabase } from "./team-database.ts";

/** The database of a daemon: its own embedded one, or the team's. */
export interface Database {
  readonly store: Store;
  /** Whether it is our own, whose files we can copy. */
  readonly embedded: boolean;
  /** In words, without credentials. */
  readonly where: string;
  /** Whether its server ran before this daemon came: services may be using it. */
  readonly ranBefore: boolean;
  serviceUrl(environment: string, service: string): Promise<string>;
  /** Where migrations are tried before they run anywhere. */
  readonly shadow: ShadowServer;
  /** Where previews have their databases; null where Fairway makes none. */
  readonly previews: PreviewDatabaseServer;
  /** With the files of releases, unless it is to stay on this machine, where they are. */
  backup(directory: string, what?: "all" | "database"): Promise<MadeBackup>;
  /** Ends it, or with `keep` leaves it running for the services and the next daemon. */
  close(keep: boolean): Promise<void>;
}

/** A backup that was made. */
export interface MadeBackup {
  readonly directory: string;
  readonly bytes: number;
  /** The keys, by their ids, without which its secrets do not open. They are not in it. */
  readonly keys: readonly string[];
}

export interface DatabaseEvents {
  /** Told when it goes away and comes back, as a sentence; null when all is well again. */
  readonly onTrouble: (problem: string | null) => void;
  /** Told what the log should say about it. */
  readonly onNews: (message: string) => void;
  /** Another daemon has it now; this one must end. */
  readonly onLost: (error: FairwayError) => void;
}

/** Where a backup holds the files of its releases. */
export const artifactsOf = (backup: string): string => join(backup, "artifacts");

/** Opens the team's PostgreSQL when `DATABASE_URL` names one, else the embedded one. */
export async function openDatabase(data: DataDirectory, events: DatabaseEvents): Promise<Database> {
  const url = process.env["DATABASE_URL"];
  return url ? openTeamDatabase(url, events) : openOwnDatabase(data, events);
}

async function openOwnDatabase(data: DataDirectory, { onTrouble, onLost, onNews }: DatabaseEvents): Promise<Database> {
  await upgrade(data, onNews);
  const postgres: EmbeddedPostgres = await openEmbeddedPostgres({
    directory: data.database,
    onEvent: (event) => {
      switch (event.kind) {
        case "down":
          return onTrouble(`the database is down: ${event.reason}`);
        case "restart_failed":
          return onTrouble(`the database cannot be restarted: ${event.error.message}`);
        case "up":
          return onTrouble(null);
        case "lost":
          return onLost(event.error);
      }
    },
  });
  const store = openStore({ ...postgres.connection });
  return {
    store,
    embedded: true,
    where: `embedded, ${data.database}`,
    ranBefore: postgres.adopted,
    shadow: namedShadowServer() ?? shadowServerOn(store.pool, postgres.connection),
    // Each as a role of its own, which reaches no other database.
    previews: { url: postgres.connectionString, ownRoles: true },
    serviceUrl: (environment, service) => serviceDatabase(store.pool, postgres.connection, environment, service),
    async backup(directory, what = "all") {
      let artifacts = 0;
      const before = await wrappedKeys(store);
      // After the database, so that no release of the backup lacks its files.
      const manifest = await backupDatabase(postgres, directory, async (folder) => {
        if (what === "all") artifacts = await copyArtifacts(data.artifacts, artifactsOf(folder));
        // Of a key that was exchanged meanwhile, either may be the one in the copy.
        const after = await wrappedKeys(store);
        return { sealing: [...new Map([...before, ...after].map((key) => [`${key.id} ${key.keeper}`, key])).values()] };
      });
      const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.size, artifacts);
      return { directory, bytes, keys: [...new Set((manifest.sealing ?? []).map(({ keeper }) => keeper))] };
    },
    async close(keep) {
      await store.close();
      await (keep ? postgres.leave() : postgres.stop());
    },
  };
}

const wrappedKeys = async (store: Store): Promise<readonly WrappedKey[]> =>
  (await sealingKeys(store)).map(({ id, keeper, wrapped }) => ({ id, keeper, wrapped: wrapped.toString("base64") }));

/** A database that cannot be taken to the installed version goes on with its own, whose programs are kept with it. */
async function upgrade(data: DataDirectory, tell: DatabaseEvents["onNews"]): Promise<void> {
  try {
    const done = await upgradeIfBehind(data.database);
    if (done?.kind === "upgraded")
      tell(`the database came from PostgreSQL ${done.from} to ${done.to}; the old one is kept in ${done.keptAs}`);
  } catch (thrown) {
    if (codeOf(thrown) !== "database_unusable") throw thrown;
    tell(`the database stays at its version of PostgreSQL: ${messageOf(thrown)}`);
  }
}
