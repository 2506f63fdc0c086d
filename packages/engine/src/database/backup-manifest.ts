import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FairwayError, messageOf } from "@fairway/core";
import type { Timestamp } from "@fairway/core";
import type { CopiedFile } from "./copy-files.ts";

/** What a backup holds, so that a restore can tell whether it still does. */
export interface BackupManifest {
  readonly format: 1;
  readonly madeAt: Timestamp;
  /** The version of PostgreSQL that made the files; a restore needs one of the same major. */
  readonly postgres: { readonly version: string; readonly major: number };
  /** The stretch of the write-ahead log that makes the files one consistent state. */
  readonly wal: { readonly from: string; readonly to: string };
  readonly directories: readonly string[];
  /** The keys by which values in it are sealed, sealed themselves; absent in a backup from before there were any. */
  readonly sealing?: readonly WrappedKey[];
  /** By path within `cluster`. */
  readonly files: Readonly<Record<string, CopiedFile>>;
}

/** A key that seals values, as it lies in the database. */
export interface WrappedKey {
  readonly id: string;
  /** The key outside that it is sealed by. */
  readonly keeper: string;
  /** Base64. */
  readonly wrapped: string;
}

const fileName = "manifest.json";

/** The manifest as the text of its file, with a digest over itself. */
export function manifestText(manifest: BackupManifest): { readonly name: string; readonly text: string } {
  return { name: fileName, text: `${JSON.stringify({ digest: digestOf(manifest), ...manifest }, undefined, 1)}\n` };
}

/** Reads a backup's manifest, refusing one that is missing, damaged or of a format that this version does not know. */
export async function readManifest(backup: string): Promise<BackupManifest> {
  let manifest: BackupManifest;
  try {
    const { digest, ...rest } = JSON.parse(await readFile(join(backup, fileName), "utf8")) as BackupManifest & {
      readonly digest: string;
    };
    if (digest !== digestOf(rest)) throw new Error("its digest does not match its text");
    manifest = rest;
  } catch (thrown) {
    throw damaged(backup, fileName, messageOf(thrown));
  }
  if ((manifest.format as number) === 1) return manifest;
  throw new FairwayError(
    "database_unusable",
    `could not read the backup ${backup}: its format ${String(manifest.format)} is not known`,
    {
      hint: "restore it with the version of Fairway that made it, or a newer one",
    },
  );
}

/** The error for a backup that is not what it was. */
export function damaged(backup: string, path: string, how: string): FairwayError {
  return new FairwayError("backup_damaged", `could not restore the backup ${backup}: ${path} is damaged: ${how}`, {
    hint: "use another backup; nothing was changed",
  });
}

const digestOf = (manifest: BackupManifest): string =>
  createHash("sha256").update(JSON.stringify(manifest)).digest("hex");
