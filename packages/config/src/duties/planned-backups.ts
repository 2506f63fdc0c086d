import type { Argv, PlannedBackup, PlannedBoot, PlannedMonitor, PlannedOfAny } from "@fairway/core";
import { millisOf } from "../duration.ts";
import type { WrittenBackup, WrittenBackups } from "./written-backups.ts";

/** Backups, as the file asks for them, with every default filled in. */
export const backupsOf = ({ backups }: WrittenBackups): readonly PlannedBackup[] =>
  Object.entries(backups).map(([name, written]) => planned(name, written));

const span = (written: string | number | undefined, otherwise: string): number => millisOf(written ?? otherwise) ?? 0;

function planned(name: string, written: WrittenBackup): PlannedBackup {
  const any = ofAny(name, written);
  switch (written.driver) {
    case "pg_dump": {
      const { driver, database, recipient, identity, directory, keep = 14 } = written;
      return { ...any, ...{ driver, database, recipient, identity, directory, keep }, ...ofCopy(written) };
    }
    case "pgbackrest": {
      const { driver, stanza, config = "/etc/pgbackrest/pgbackrest.conf", repository = 1, key = null } = written;
      const { full = null, database = null, superuser = "postgres" } = written;
      return {
        ...any,
        ...{ driver, stanza, config, repository, key, full, database, superuser },
        ...ofCopy(written),
      };
    }
    case "restic": {
      const { driver, repository, password, paths = [], secrets = {} } = written;
      const within = paths.length > 0 ? null : span(written.within, "60m");
      return { ...any, driver, repository, password, paths, secrets, within };
    }
    case "command": {
      const { driver, restores = "files", secrets = {}, database = null } = written;
      return {
        ...any,
        ...{ driver, restores, secrets, database, timeout: span(written.timeout, "6h") },
        make: written.make === undefined ? null : argvOf(written.make),
        list: argvOf(written.list),
        restore: argvOf(written.restore),
        verify: argvOf(written.verify),
        ...ofCopy(written),
      };
    }
    case "aws-backup": {
      const { driver, region, vault, resource, role, credentials, copy, plan, "restore-test": restoreTest } = written;
      return {
        ...any,
        ...{ driver, region, vault, resource, role },
        ...(credentials === undefined
          ? {}
          : {
              credentials: {
                accessKeyId: credentials["access-key-id"],
                secretAccessKey: credentials["secret-access-key"],
              },
            }),
        ...(copy === undefined ? {} : { copy: { vault: copy.vault, within: span(copy.within, "24h") } }),
        ...(plan === undefined
          ? {}
          : {
              plan: {
                schedule: plan.schedule,
                keepDays: plan["keep-days"],
                copyKeepDays: plan["copy-keep-days"] ?? plan["keep-days"],
              },
            }),
        ...(restoreTest === undefined
          ? {}
          : {
              restoreTest:
                typeof restoreTest === "string"
                  ? restoreTest
                  : {
                      schedule: restoreTest.schedule,
                      resourceType: restoreTest.type,
                      validateHours: restoreTest["validate-hours"] ?? 4,
                    },
            }),
      };
    }
  }
}

const argvOf = (words: readonly string[]): Argv => words as unknown as Argv;

function ofAny(name: string, written: WrittenBackup): PlannedOfAny {
  const { environment, rpo, watch, "delete-probe": probe } = written;
  const monitor = monitorOf(written);
  return {
    ...{ name, environment, rpo: span(rpo, "15m") },
    ...(watch === undefined ? {} : { watch }),
    ...(probe === undefined ? {} : { deleteProbe: { file: probe.file, as: probe.as ?? null } }),
    ...(monitor === null ? {} : { monitor }),
  };
}

function monitorOf(written: WrittenBackup): PlannedMonitor | null {
  const { monitor } = written;
  const database = monitor?.database ?? ("database" in written ? written.database : undefined);
  if (monitor === undefined || database === undefined) return null;
  const { standbys = 0, lag, archive } = monitor;
  return {
    ...{ database, standbys },
    lag: { warn: span(lag?.warn, "60s"), page: span(lag?.page, "300s") },
    archive: archive === false ? null : span(archive, "15m"),
  };
}

function ofCopy(written: Exclude<WrittenBackup, { readonly driver: "restic" | "aws-backup" }>): {
  readonly roles: readonly string[];
  readonly heartbeat: string | null;
  readonly boot?: PlannedBoot;
} {
  const { roles = [], heartbeat = null, boot } = written;
  if (boot === undefined) return { roles, heartbeat };
  const { service, path = "/", port = 8080, within, secrets = {} } = boot;
  return { roles, heartbeat, boot: { service, path, port, secrets, within: span(within, "60s") } };
}
