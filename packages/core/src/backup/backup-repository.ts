import type { Timestamp } from "../units.ts";
import type { RepositoryFingerprint } from "./repository-changes.ts";

/** What a backup holds. The list is closed. */
export const backupKinds = {
  full: "All files of a database's server.",
  incremental: "What has changed since the one before.",
  logical: "What a database says of itself: all rows, and no file of the server.",
  artifacts: "Files of releases.",
} as const;

/** A word of the closed list. */
export type BackupKind = keyof typeof backupKinds;

/** A backup as its repository has it, never as a program's exit code told it. */
export interface BackupSnapshot {
  /** What it is called in its repository. */
  readonly id: string;
  readonly kind: BackupKind;
  readonly startedAt: Timestamp;
  readonly endedAt: Timestamp;
  /** Up to where in the database's log it reaches; null where it is of no log. */
  readonly position: string | null;
  /** Of the server that it was taken from; null where there is none. */
  readonly serverVersion: string | null;
  readonly bytes: number;
  readonly encrypted: boolean;
  /** Whose it is: a cluster's identifier, or a machine's name; null where the repository does not say. */
  readonly identity: string | null;
}

/** What lies in the directory after a restore. */
export interface RestoredBackup {
  /** A `cluster` is started as it is; a `dump` is loaded into a new one; `files` are of no database. */
  readonly kind: "cluster" | "dump" | "files";
  readonly path: string;
  /** The files' bytes. */
  readonly bytes: number;
  /** A directory with files of the log that a cluster is to replay, beyond what it has itself; left out where it has all. */
  readonly log?: string;
}

/** What came of trying to delete something that must not be deleted. */
export interface DeleteProbe {
  /** `refused`: it was tried and is still there. `done`: it could be. `untried`: nobody knows. */
  readonly outcome: "refused" | "done" | "untried";
  readonly why: string;
}

/**
 * Where backups of one thing are. What it answers is read from what lies there: a backup that is not whole is not in the list.
 * A "no" of the repository is a thrown `backup_damaged`, `key_unusable` or `command_failed`; what could not be found out is any
 * other.
 */
export interface BackupRepository {
  /** What it is, for a person: "base backups of the embedded database, in /var/…". Says what it does not do. */
  readonly label: string;
  /** The oldest first. Throws where it cannot be read; an empty one answers with nothing. */
  snapshots(): Promise<readonly BackupSnapshot[]>;
  /** Makes one, and answers with what the repository then has. What fails leaves the others as they are. */
  take(): Promise<BackupSnapshot>;
  /** What is missing of the log that a backup needs, as sentences; none where it is whole or needs none. */
  missing(id: string): Promise<readonly string[]>;
  /**
   * Copies one into a directory that is made for it, holding all that is copied against what was written. Changes nothing in
   * the repository.
   */
  restore(id: string, directory: string): Promise<RestoredBackup>;
  /**
   * What it holds, each thing with a text that stays for as long as nobody changes that thing: a drill must leave it so.
   */
  fingerprint(): Promise<RepositoryFingerprint>;
}
