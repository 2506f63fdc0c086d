import type { Timestamp } from "../units.ts";
import type { BackupSnapshot, DeleteProbe } from "./backup-repository.ts";

/** A restore that a cloud's own service made to try whether it can be done. */
export interface ManagedRestore {
  readonly id: string;
  readonly backup: string;
  /** `none`: it was restored, and nobody has looked at it yet. */
  readonly outcome: "passed" | "failed" | "running" | "none";
  readonly why: string;
  readonly startedAt: Timestamp;
  readonly endedAt: Timestamp | null;
}

/**
 * Backups that a cloud's own service makes, keeps and tries. What it answers is read from what the service has on record of its
 * recovery points, never from the answer to a call that began one. Throws where that cannot be read.
 */
export interface ManagedBackups {
  /** What it is, for a person. Says what it does not do. */
  readonly label: string;
  /** Recovery points that are whole, the oldest first; an empty vault answers with nothing. */
  snapshots(): Promise<readonly BackupSnapshot[]>;
  /** Begins one; the same key begins one. It is there when `snapshots` has it. */
  begin(key: string): Promise<void>;
  /** The newest recovery point of the copy; null where it has none. Absent where nothing is copied. */
  newestCopy?(): Promise<BackupSnapshot | null>;
  /** Since then, the oldest first. Nothing where no plan restores any. */
  restores(since: Timestamp): Promise<readonly ManagedRestore[]>;
  /**
   * Says to the service what came of looking at what it restored, which it keeps as evidence. Absent where it takes no such
   * word.
   */
  looked?(restore: string, result: { readonly ok: boolean; readonly why: string }): Promise<void>;
  /** Tries to delete a recovery point as whoever makes them; absent where that cannot be tried without harm. */
  tryToDelete?(): Promise<DeleteProbe>;
}
