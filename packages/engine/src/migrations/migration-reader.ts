import type {
  DatabaseBackFacts,
  DatabaseState,
  Digest,
  MigrationFacts,
  MigrationSet,
  Release,
  ReleasePart,
} from "@fairway/core";
import { codeOf, environmentOf, messageOf, serviceOf } from "@fairway/core";
import { databaseRecord, sqlState, withSession } from "@fairway/migrations";
import type { DatabaseUrlParts } from "./database-url.ts";
import { migratedDatabaseUrl } from "./database-url.ts";

/** What is read of migrations while something is planned. Nothing is changed by it. */
export interface MigrationReader {
  /** Of each service of a release with migrations that the environment has. */
  facts(release: Release, environment: string): Promise<readonly MigrationFacts[]>;
  /** Of each service with migrations of the release that comes back, or of the one that runs. */
  back(to: Release, from: Release | null, environment: string): Promise<readonly DatabaseBackFacts[]>;
  /** The migrations that a release brings for a service; null where it brings none. */
  setOf(release: Release, service: string): Promise<MigrationSet | null>;
  /** What the database of a service has; `of` says where it is and whose record is looked at. */
  stateOf(of: Release, environment: string, service: string, set: MigrationSet | null): Promise<DatabaseState>;
}

/** A plan is wanted now: a database that does not answer by then could as well be away. */
const limits = { lock: 2_000, statement: 15_000 };

/** Reads from the documents that releases keep, and from the databases of environments. */
export function migrationReader(
  parts: DatabaseUrlParts & { readonly documentOf: (digest: Digest) => Promise<string> },
): MigrationReader {
  async function setOf(release: Release, service: string): Promise<MigrationSet | null> {
    const digest = partOf(release, service)?.migrations?.digest;
    return digest === undefined ? null : (JSON.parse(await parts.documentOf(digest)) as MigrationSet);
  }

  async function stateOf(
    of: Release,
    environment: string,
    service: string,
    set: MigrationSet | null,
  ): Promise<DatabaseState> {
    const config = serviceOf(of.project, service)?.migrations;
    if (config === undefined) return { recorded: [] };
    try {
      const url = await migratedDatabaseUrl(parts, of, environment, service, config);
      return await withSession(url, limits, async (client) => ({
        recorded: await databaseRecord(client, set, service),
      }));
    } catch (thrown) {
      if (codeOf(thrown) === undefined && sqlState(thrown) === null) throw thrown;
      const { hint } = thrown as { readonly hint?: string };
      return {
        unreachable: `${messageOf(thrown)}${hint === undefined ? "" : `; ${hint}`}`,
        ...(wasSilent(thrown) ? { silent: true } : {}),
      };
    }
  }

  return {
    setOf,
    stateOf,

    async facts(release, environment) {
      const promotesFrom = environmentOf(release.project, environment)?.promotesFrom ?? null;
      return Promise.all(
        placed(release, environment).map(async (service) => {
          const set = await setOf(release, service);
          const source =
            promotesFrom === null || !placed(release, promotesFrom).includes(service)
              ? null
              : { environment: promotesFrom, database: await stateOf(release, promotesFrom, service, set) };
          return { service, set, database: await stateOf(release, environment, service, set), source };
        }),
      );
    },

    async back(to, from, environment) {
      const services = new Set([...placed(to, environment), ...(from === null ? [] : placed(from, environment))]);
      return Promise.all(
        [...services].map(async (service) => {
          const [toSet, fromSet] = [await setOf(to, service), from === null ? null : await setOf(from, service)];
          // Where the database is, whoever runs now knows best.
          const of = from !== null && fromSet !== null ? from : to;
          return {
            service,
            to: to.id,
            toSet,
            fromSet,
            database: await stateOf(of, environment, service, fromSet ?? toSet),
          };
        }),
      );
    },
  };
}

/** Whether there was no connection to be had, and nobody who said why. */
function wasSilent(thrown: unknown): boolean {
  if (codeOf(thrown) !== "database_unavailable") return false;
  const { cause } = thrown as { readonly cause?: { readonly code?: unknown } };
  // A server that answers and says no has a code for it, as `53300` when it has too many connections.
  return typeof cause?.code !== "string" || !/^[0-9A-Z]{5}$/u.test(cause.code);
}

const partOf = ({ parts }: Release, service: string): ReleasePart | undefined =>
  parts.find((part) => part.service === service);

/** The services with migrations that a release runs in an environment. */
function placed(release: Release, environment: string): readonly string[] {
  const placements = environmentOf(release.project, environment)?.placements ?? [];
  return placements
    .map(({ service }) => service)
    .filter((service) => partOf(release, service)?.migrations !== undefined);
}
