import { existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BackupRepository, BackupSnapshot, Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { placeOf, withSession } from "@fairway/migrations";
import { clearAbandoned, isUnfinishedName, removeWhole, unfinishedName } from "../database/unfinished.ts";
import { makeDirectory } from "../make-directory.ts";
import { clientVariables } from "../migrations/client-variables.ts";
import type { DumpManifest } from "./dump-manifest.ts";
import { digestOfDump, dumpFiles, holdAgainst, readDumpManifest, wholeDump } from "./dump-manifest.ts";
import type { PipedEnd } from "./piped-programs.ts";
import { runPiped, whyNotWell } from "./piped-programs.ts";
import { postgresPrograms } from "./postgres-programs.ts";

/** Where dumps of a database are, and how one is made. */
export interface DumpBackupParts {
  /** Holds a directory for each, and nothing else. */
  readonly directory: string;
  /** The database's address, asked each time: it may have been exchanged. */
  readonly database: () => Promise<string>;
  /** A public key of age. */
  readonly recipient: string;
  /** The key of age that opens them. */
  readonly identity: () => Promise<string>;
  /** How many are kept. */
  readonly keep: number;
  /** Ends what goes on. */
  readonly closing: AbortSignal;
}

const dumpsBegin = "dumps by pg_dump";

/** A managed database of some size, over a network. */
const within: Millis = 6 * 3_600_000;
const idForm = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/;

/**
 * Dumps of a database whose server is somebody else's, made by `pg_dump` and encrypted by `age` before they touch the disk.
 * Each is all rows of one moment: whatever came after it is in none. One is in the repository once it was read back from it,
 * decrypted and to its end.
 */
export function dumpBackups(parts: DumpBackupParts): BackupRepository {
  const { directory, recipient, keep, closing: signal } = parts;
  const place = (id: string): string => {
    if (!idForm.test(id) || !existsSync(join(directory, id)))
      throw new FairwayError("not_found", `there is no backup ${id} in ${directory}`);
    return join(directory, id);
  };

  const snapshots = async (): Promise<readonly BackupSnapshot[]> => {
    if (!existsSync(directory)) return [];
    const names = (await readdir(directory)).filter((name) => idForm.test(name) && !isUnfinishedName(name)).toSorted();
    const found = await Promise.all(
      names.map(async (id) => {
        const manifest = await wholeDump(join(directory, id));
        return manifest === null ? null : snapshotOf(id, manifest);
      }),
    );
    return found.filter((one) => one !== null);
  };

  /** Writes the dump into a directory that is not whole yet. */
  async function dumpInto(path: string, url: string, serverVersion: string): Promise<void> {
    const { directory: programs } = postgresPrograms(serverVersion);
    const file = await open(join(path, dumpFiles.dump), "wx", 0o600);
    try {
      // Nothing may be asked of a person who is not there.
      const args = ["--format=custom", "--no-password", "--lock-wait-timeout=60000"];
      const ends = await runPiped(
        [
          { file: join(programs, "bin", "pg_dump"), args, env: clientVariables(url) },
          { file: "age", args: ["--encrypt", "--recipient", recipient] },
        ],
        { into: file.fd, within, signal },
      );
      const problem = whyNotWell(ends);
      if (problem !== null) throw new FairwayError("command_failed", `${placeOf(url)} was not dumped: ${problem}`);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /**
   * Reads all of a dump as a restore would; what cannot be decrypted or ends too early is none. A list of its contents would
   * not do: pg_restore --list ends well on half a dump, and this fails for the want of one byte.
   */
  async function readBack(path: string, serverVersion: string): Promise<void> {
    const { directory: programs } = postgresPrograms(serverVersion);
    const ends = await runPiped(
      [
        await decrypting(path),
        { file: join(programs, "bin", "pg_restore"), args: ["--file=/dev/null", "--format=custom"] },
      ],
      { into: "nowhere", within, signal },
    );
    assertRead(path, ends);
  }

  const decrypting = async (path: string) => ({
    file: "age",
    args: ["--decrypt", "--identity", "-", join(path, dumpFiles.dump)],
    input: `${(await parts.identity()).trim()}\n`,
  });

  return {
    label: `${dumpsBegin}, encrypted by age, logical and of one moment each, in ${directory}`,
    snapshots,
    async take() {
      const url = await parts.database();
      // What nobody could open again is not made.
      await parts.identity();
      const started = new Date();
      const id = started.toISOString().replaceAll(/[-:.]/g, "");
      const serverVersion = await versionOf(url);
      await makeDirectory(directory);
      await clearAbandoned(directory);
      const building = unfinishedName(join(directory, id));
      try {
        await mkdir(building, { mode: 0o700 });
        await dumpInto(building, url, serverVersion);
        await readBack(building, serverVersion);
        const manifest: DumpManifest = {
          version: 1,
          startedAt: started.toISOString(),
          endedAt: new Date().toISOString(),
          ...{ serverVersion, recipient, database: placeOf(url) },
          bytes: (await stat(join(building, dumpFiles.dump))).size,
          sha256: await digestOfDump(building),
        };
        const text = `${JSON.stringify(manifest, null, 2)}\n`;
        await writeFile(join(building, dumpFiles.manifest), text, { mode: 0o600, flush: true });
        await rename(building, join(directory, id));
        await synced(directory);
      } finally {
        await rm(building, { recursive: true, force: true });
      }
      const kept = await snapshots();
      for (const { id: old } of kept.slice(0, Math.max(0, kept.length - keep))) await removeWhole(join(directory, old));
      const made = kept.find((one) => one.id === id);
      if (made === undefined)
        throw new FairwayError("backup_damaged", `the backup ${id} was made and is not in ${directory}`);
      return made;
    },
    // It is of one moment, and of no log.
    missing: async (id) => {
      await readDumpManifest(place(id));
      return [];
    },
    async restore(id, target) {
      const from = place(id);
      await holdAgainst(from, await readDumpManifest(from));
      await mkdir(target, { mode: 0o700 });
      const path = join(target, "dump");
      const file = await open(path, "wx", 0o600);
      try {
        assertRead(from, await runPiped([await decrypting(from)], { into: file.fd, within, signal }));
        return { kind: "dump", path, bytes: (await file.stat()).size };
      } finally {
        await file.close();
      }
    },
    async fingerprint() {
      const backups: Record<string, string> = {};
      for (const { id, bytes } of await snapshots())
        try {
          backups[id] = `${bytes} ${(await stat(join(directory, id, dumpFiles.dump))).mtimeMs}`;
        } catch (thrown) {
          // Expired since it was listed: then it is not there, as any other that is not.
          if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw thrown;
        }
      return { backups, timelines: [] };
    },
  };
}

/** What age says of a key that opens another file, or is none: it was given by its input. */
const isOfKey = /no identity matched|failed to read "-"/;

/** Throws `key_unusable` where the key does not open it, and `backup_damaged` where it is not whole. */
function assertRead(path: string, ends: readonly PipedEnd[]): void {
  const problem = whyNotWell(ends);
  if (problem === null) return;
  const age = ends.find(({ file }) => file === "age");
  if (age !== undefined && age.ended !== 0 && isOfKey.test(age.said))
    throw new FairwayError("key_unusable", `the backup ${path} is not opened by the key that it was given`, {
      hint: "give the secret that `identity` names the key that belongs to the recipient",
    });
  throw new FairwayError("backup_damaged", `the backup ${path} is not whole: ${problem}`);
}

const versionOf = (url: string): Promise<string> =>
  withSession(url, { lock: 5_000, statement: 10_000 }, async (client) => {
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    return /^[\d.]+/.exec(rows[0]?.server_version ?? "")?.[0] ?? "";
  });

/** A name that was given is on the disk only with its directory. */
async function synced(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const snapshotOf = (id: string, manifest: DumpManifest): BackupSnapshot => ({
  ...{ id, kind: "logical", startedAt: manifest.startedAt, endedAt: manifest.endedAt },
  ...{ position: null, serverVersion: manifest.serverVersion, bytes: manifest.bytes },
  ...{ encrypted: true, identity: manifest.database },
});
