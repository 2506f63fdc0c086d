import { statfs } from "node:fs/promises";
import type { BackupSnapshot, RecordedMigration } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { recordedMigrations, withSession } from "@fairway/migrations";
import { askOnce } from "../database/ask-once.ts";
import { programOf } from "../database/binaries.ts";
import type { IsolatedServer } from "../database/isolated-server.ts";
import { chooseServerUser } from "../database/server-user.ts";
import { makeDirectory } from "../make-directory.ts";
import type { DrillMigration, DrillParts } from "./drill-parts.ts";
import { loadDump } from "./load-dump.ts";
import { postgresPrograms } from "./postgres-programs.ts";

/** What dumps of a project's database are drilled with. */
export interface DumpDrillParts {
  /** The address of the database that dumps are of. */
  readonly database: () => Promise<string>;
  readonly roles: readonly string[];
  /** A question to the copy that answers with a moment; null where nothing beats. */
  readonly heartbeat: string | null;
  /** Where drills have their directories. */
  readonly places: string;
  readonly closing: AbortSignal;
  /** What is started on the copy; null where nothing is. */
  readonly boot: DrillParts["boot"] | null;
  /** Whether the copy has more than was there when the backup began: all that its log has. */
  readonly log?: true;
}

type Dumped = Pick<DrillParts, "room" | "programs" | "load" | "heartbeat" | "migrations" | "boot" | "leftOut">;

const startWithin = 600_000;
const limits = { lock: 5_000, statement: 60_000 };

/** How a dump of a project's database is looked at. What does not apply to one is left out, and says why. */
export function dumpDrill(parts: DumpDrillParts): Dumped {
  const { database, roles, heartbeat, places, closing, boot } = parts;
  return {
    leftOut: {
      continuity: "does not apply: a dump is of one moment, and needs no log",
      ...(boot === null ? { boot: "does not apply: ops/backups.yaml names no program to start on the copy" } : {}),
      ...(heartbeat === null ? { heartbeat: "does not apply: ops/backups.yaml names no heartbeat" } : {}),
    },
    room: async (directory) => {
      const { bavail, bsize } = await statfs(directory);
      return bavail * bsize;
    },
    programs: async (version) => {
      const binaries = postgresPrograms(version ?? "1");
      await makeDirectory(places);
      return { binaries, user: await chooseServerUser(programOf(binaries, "postgres"), places) };
    },
    load: (restored, runnable) => loadDump(restored, runnable, { roles, startWithin, closing }),
    heartbeat: (server) =>
      askOnce(server.connection, async (ask) => {
        const [row] = await ask<Readonly<Record<string, unknown>>>(heartbeat ?? "select null");
        const [moment = null] = Object.values(row ?? {});
        if (moment === null) return null;
        const at = moment instanceof Date ? moment.getTime() : typeof moment === "string" ? Date.parse(moment) : NaN;
        if (Number.isNaN(at)) throw new FairwayError("bad_request", "the heartbeat answered with no moment");
        return new Date(at).toISOString();
      }),
    migrations: {
      recorded: async (snapshot, found) => {
        const known = await withSession(await database(), limits, recordedMigrations);
        const isOnCopy = ({ id, service }: RecordedMigration): boolean =>
          parts.log === true && found.some((one) => one.id === id && one.database === (service ?? theDatabase));
        const before = known.filter((one) => wasThere(one, snapshot) || (isApplied(one) && isOnCopy(one)));
        return before.length === 0 ? null : before.map(asDrilled);
      },
      found: (server) => onCopy(server, async (known) => known.filter(isApplied).map(asDrilled)),
      forward: async () => "what came since is not tried on the copy",
    },
    boot: boot ?? (async () => ({ outcome: "left-out", why: "there is no program to start" })),
  };
}

const theDatabase = "the database";

const isApplied = ({ state }: RecordedMigration): boolean => state === "applied";

const wasThere = (one: RecordedMigration, { startedAt }: BackupSnapshot): boolean =>
  isApplied(one) && one.appliedAt !== null && Date.parse(one.appliedAt) <= Date.parse(startedAt);

const asDrilled = ({ id, checksum, service }: RecordedMigration): DrillMigration => ({
  ...{ id, database: service ?? theDatabase },
  checksum: checksum ?? "",
});

const onCopy = <Value>(
  server: IsolatedServer,
  work: (known: readonly RecordedMigration[]) => Promise<Value>,
): Promise<Value> =>
  withSession(server.url(server.connection.database), limits, async (client) => work(await recordedMigrations(client)));
