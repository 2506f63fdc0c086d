import type { BackupRepository, CronClock, PlannedBackup, PlannedBoot, Release } from "@fairway/core";
import type { IsolatedServer } from "../database/isolated-server.ts";
import type { BackupControlParts } from "./backup-control.ts";
import { bootRelease } from "./boot-release.ts";
import { clusterDrill } from "./cluster-drill.ts";
import { commandBackups } from "./command-backups.ts";
import type { DrillFinding } from "./drill-parts.ts";
import { dumpBackups } from "./dump-backups.ts";
import { dumpDrill } from "./dump-drill.ts";
import { filesDrill } from "./files-drill.ts";
import { pgBackRestBackups } from "./pgbackrest-backups.ts";
import type { ResticBackups, ResticSource } from "./restic-backups.ts";
import { resticBackups } from "./restic-backups.ts";

/** What repositories and drills of a project's backups are opened with. */
export interface OpenPlannedParts {
  readonly clock: CronClock;
  readonly now: () => number;
  readonly closing: AbortSignal;
  /** Where drills have their directories. */
  readonly places: string;
  /** The store of artifacts. */
  readonly artifacts: string;
  /** What an environment runs. */
  readonly current: (environment: string) => Promise<Release | null>;
  /** The values of secrets by their names. Throws `secret_missing`. */
  readonly secrets: (names: readonly string[]) => Promise<Readonly<Record<string, string>>>;
  /** The files of what an environment runs now, where they are archived. */
  readonly archiveSource: () => Promise<ResticSource>;
  /** Restores the files of a release from where they are archived; left out where no backup archives them. */
  readonly archived?: (release: Release, into: string) => Promise<string>;
}

/** A backup of a project's own that is opened: where it lies, and how it is drilled. */
export interface OpenedBackup {
  readonly repository: BackupRepository;
  readonly drill: NonNullable<BackupControlParts["own"]>["drill"];
  /** Where files of releases are archived after each deployment. */
  readonly archive?: ResticBackups;
}

/** Opens one; AWS Backup is not here, for what is AWS's own is never a repository of ours. */
export function openPlanned(
  planned: Exclude<PlannedBackup, { readonly driver: "aws-backup" }>,
  parts: OpenPlannedParts,
): OpenedBackup {
  const { environment, rpo } = planned;
  const { closing, places } = parts;
  const secret = (name: string) => async (): Promise<string> => (await parts.secrets([name]))[name] ?? "";
  const told = (of: Readonly<Record<string, string>>) => async (): Promise<Readonly<Record<string, string>>> => {
    const values = await parts.secrets(Object.values(of));
    return Object.fromEntries(Object.entries(of).map(([variable, name]) => [variable, values[name] ?? ""]));
  };
  const bootOf = (boot: PlannedBoot | undefined) =>
    boot === undefined
      ? null
      : (server: IsolatedServer, place: string): Promise<DrillFinding> =>
          bootRelease(boot, { ...parts, environment, current: () => parts.current(environment) }, server, place);
  switch (planned.driver) {
    case "pg_dump": {
      const { directory, recipient, keep, roles, heartbeat, boot } = planned;
      const [database, identity] = [secret(planned.database), secret(planned.identity)];
      return {
        repository: dumpBackups({ directory, recipient, keep, database, identity, closing }),
        drill: { ...dumpDrill({ database, roles, heartbeat, places, closing, boot: bootOf(boot) }), rpoWithin: rpo },
      };
    }
    case "pgbackrest": {
      const { config, stanza, repository, key, full, superuser, heartbeat, boot } = planned;
      const database = planned.database === null ? null : secret(planned.database);
      return {
        repository: pgBackRestBackups({
          ...{ config, stanza, repository, closing },
          key: key === null ? null : secret(key),
          fullIsDue: (newest) => {
            const due = full === null ? null : parts.clock.before(full, parts.now());
            return due !== null && (newest === null || Date.parse(newest.startedAt) < due);
          },
        }),
        drill: {
          ...clusterDrill({ database, superuser, heartbeat, places, closing, boot: bootOf(boot) }),
          rpoWithin: rpo,
        },
      };
    }
    case "restic": {
      const { repository, password, paths, secrets } = planned;
      const archive = resticBackups({
        ...{ repository, closing, password: secret(password), env: told(secrets) },
        source:
          paths.length === 0
            ? parts.archiveSource
            : async () => ({ directory: "/", paths: paths.map((path) => path.replace(/^\/+/u, "")), tags: [] }),
      });
      return { repository: archive, drill: filesDrill(), ...(planned.within === null ? {} : { archive }) };
    }
    case "command": {
      const { make, list, restore, verify, restores, timeout, secrets, roles, heartbeat, boot } = planned;
      const database = planned.database === null ? null : secret(planned.database);
      return {
        repository: commandBackups({ make, list, restore, verify, restores, timeout, closing, env: told(secrets) }),
        drill:
          restores === "files"
            ? filesDrill()
            : {
                ...dumpDrill({
                  ...{ roles, heartbeat, places, closing, boot: bootOf(boot) },
                  database: database ?? ((): Promise<string> => Promise.reject(new Error("no database is named"))),
                }),
                ...(database === null ? { leftOut: withoutDatabase(heartbeat, boot) } : {}),
                rpoWithin: rpo,
              },
      };
    }
  }
}

const withoutDatabase = (heartbeat: string | null, boot: PlannedBoot | undefined) => ({
  continuity: "does not apply: a dump is of one moment, and needs no log",
  migrations: "does not apply: ops/backups.yaml names no database to compare them with",
  ...(boot === undefined ? { boot: "does not apply: ops/backups.yaml names no program to start on the copy" } : {}),
  ...(heartbeat === null ? { heartbeat: "does not apply: ops/backups.yaml names no heartbeat" } : {}),
});
