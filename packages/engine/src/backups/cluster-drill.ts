import { FairwayError } from "@fairway/core";
import type { DrillParts } from "./drill-parts.ts";
import type { DumpDrillParts } from "./dump-drill.ts";
import { dumpDrill } from "./dump-drill.ts";

/** What a restored cluster of a project's database is drilled with. */
export interface ClusterDrillParts extends Omit<DumpDrillParts, "roles" | "database" | "log"> {
  /** The address of the database that is backed up; null where nobody says, and then its migrations are not compared. */
  readonly database: (() => Promise<string>) | null;
  readonly superuser: string;
}

/** How the files and the log of a project's server are looked at: the log reaches up to now, and so must the copy. */
export function clusterDrill({
  database,
  superuser,
  ...parts
}: ClusterDrillParts): ReturnType<typeof dumpDrill> & Pick<DrillParts, "serves" | "lossUntil"> {
  const known =
    database ?? ((): Promise<string> => Promise.reject(new FairwayError("internal", "nobody knows the database")));
  const { leftOut, ...drill } = dumpDrill({ ...parts, database: known, roles: [], log: true });
  const { continuity: _log, ...others } = leftOut ?? {};
  return {
    ...drill,
    leftOut: {
      ...others,
      ...(database === null
        ? { migrations: "does not apply: ops/backups.yaml names no database to compare them with" }
        : {}),
    },
    lossUntil: "now",
    // Files of a cluster are of one major version, and no newer one starts on them.
    programs: async (version) => {
      const runnable = await drill.programs(version);
      const { major } = runnable.binaries;
      if (version !== null && major !== Number.parseInt(version, 10))
        throw new FairwayError(
          "command_failed",
          `PostgreSQL ${version} is not on this machine, and ${major} starts no cluster of it`,
          {
            hint: `install the package postgresql-${Number.parseInt(version, 10)}`,
          },
        );
      return runnable;
    },
    serves: async () => ({ user: superuser, database: database === null ? "postgres" : nameIn(await database()) }),
    load: async () => {
      throw new FairwayError("internal", "what was restored is a cluster already");
    },
  };
}

const nameIn = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1)) || "postgres";
