import { existsSync } from "node:fs";
import { lstat, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { BackupRepository, BackupSnapshot } from "@fairway/core";
import { FairwayError, codeOf } from "@fairway/core";
import type { BackupManifest } from "../database/backup-manifest.ts";
import { damaged, readManifest } from "../database/backup-manifest.ts";
import { clearAbandoned, isUnfinishedName, removeWhole } from "../database/unfinished.ts";
import { copyVerified } from "../database/restore.ts";
import { makeDirectory } from "../make-directory.ts";
import { missingSegments } from "./wal-segments.ts";

/** How every label of theirs begins. */
export const baseBackupsBegin = "base backups";

/** Where base backups of an embedded database are, and how one is made. */
export interface BaseBackupParts {
  /** Holds a directory for each, and nothing else. */
  readonly directory: string;
  /** Makes one in a directory that is not there yet. */
  readonly make: (directory: string) => Promise<unknown>;
  /** Whether what a key has sealed can be opened here. */
  readonly opens: (keeper: string) => Promise<boolean>;
  /** How many are kept. */
  readonly keep: number;
}

/**
 * Base backups of the embedded database: whole directories on the same machine, where the files of releases are too. They
 * outlive a fault of the database and not one of the disk, and are not encrypted beyond what is sealed in the database itself.
 */
export function baseBackups({ directory, make, opens, keep }: BaseBackupParts): BackupRepository {
  const place = (id: string): string => {
    if (!/^[0-9]{8}T[0-9]{9}Z$/.test(id)) throw new FairwayError("not_found", `there is no backup ${id}`);
    return join(directory, id);
  };

  const snapshots = async (): Promise<readonly BackupSnapshot[]> => {
    if (!existsSync(directory)) return [];
    const names = (await readdir(directory)).filter((name) => !isUnfinishedName(name)).toSorted();
    const found = await Promise.all(names.map((name) => snapshotIn(join(directory, name), name)));
    return found.filter((one) => one !== null);
  };

  return {
    label: `${baseBackupsBegin} of the embedded PostgreSQL, whole and on this machine, in ${directory}`,
    snapshots,
    async take() {
      await makeDirectory(directory);
      await clearAbandoned(directory);
      const id = new Date().toISOString().replaceAll(/[-:.]/g, "");
      await make(place(id));
      const kept = await snapshots();
      for (const { id: old } of kept.slice(0, Math.max(0, kept.length - keep))) await removeWhole(place(old));
      const made = kept.find((one) => one.id === id);
      if (made === undefined)
        throw new FairwayError("backup_damaged", `the backup ${id} was made and is not in ${directory}`);
      return made;
    },
    async missing(id) {
      const { wal, files } = await readManifest(place(id));
      const there = new Set(await readdir(join(place(id), "cluster", "pg_wal")).catch(() => []));
      const segments = Object.keys(files).filter((path) => /^pg_wal\/[0-9A-F]{24}$/.test(path));
      const size = Math.max(0, ...segments.map((path) => files[path]?.size ?? 0));
      return missingSegments({
        ...wal,
        size,
        timeline: segments[0]?.slice(7, 15) ?? "00000001",
        there: [...there],
      });
    },
    async restore(id, target) {
      const manifest = await readManifest(place(id));
      for (const { keeper } of manifest.sealing ?? [])
        if (!(await opens(keeper)))
          throw new FairwayError("key_unusable", `the backup is sealed by ${keeper}, which is not here`);
      await mkdir(target, { mode: 0o700 });
      const path = join(target, "cluster");
      await copyVerified(place(id), manifest, path);
      return { kind: "cluster", path, bytes: bytesOf(manifest) };
    },
    async fingerprint() {
      const backups: Record<string, string> = {};
      for (const { id } of await snapshots())
        try {
          const log = await readdir(join(place(id), "cluster", "pg_wal"));
          backups[id] = [...log.toSorted(), (await lstat(join(place(id), "manifest.json"))).mtimeMs].join(" ");
        } catch (thrown) {
          // Expired since it was listed: then it is not there, as any other that is not.
          if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw thrown;
        }
      return { backups, timelines: [] };
    },
  };
}

/** A backup as its manifest says; null where it is not one that ended, so that nothing damaged passes for a backup. */
async function snapshotIn(path: string, id: string): Promise<BackupSnapshot | null> {
  let manifest: BackupManifest;
  try {
    manifest = await readManifest(path);
  } catch (thrown) {
    // A manifest that cannot be read is a backup that is not there: the newest that can be is then too old.
    if (codeOf(thrown) === "backup_damaged") return null;
    throw thrown;
  }
  if (!existsSync(join(path, "cluster"))) throw damaged(path, "cluster", "it is missing");
  const started = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/.exec(id);
  const [, year, month, day, hour, minute, second, millis] = started ?? [];
  return {
    id,
    kind: "full",
    startedAt: started === null ? manifest.madeAt : `${year}-${month}-${day}T${hour}:${minute}:${second}.${millis}Z`,
    endedAt: manifest.madeAt,
    position: manifest.wal.to,
    serverVersion: manifest.postgres.version,
    bytes: bytesOf(manifest),
    encrypted: false,
    identity: null,
  };
}

const bytesOf = ({ files }: BackupManifest): number => Object.values(files).reduce((sum, { size }) => sum + size, 0);
