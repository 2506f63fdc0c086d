import type {
  BackupRepository,
  DrillStepResult,
  EvidenceFacts,
  Millis,
  Timestamp,
  BackupSnapshot,
  DrillStep,
  RestoredBackup,
} from "@fairway/core";
import type { RunnableBinaries } from "../database/database-directory.ts";
import type { IsolatedServer } from "../database/isolated-server.ts";

/** A migration as a database or the record has it. */
export interface DrillMigration {
  readonly database: string;
  readonly id: string;
  readonly checksum: string;
}

/** What a step has found: what it shows, that there was nothing to look at, or why it is not so. */
export type DrillFinding =
  | { readonly outcome: "passed" | "left-out"; readonly why: string; readonly facts?: EvidenceFacts }
  | { readonly outcome: "failed"; readonly why: string; readonly facts?: EvidenceFacts };

/** Everything that a drill is made with. */
export interface DrillParts {
  readonly repository: BackupRepository;
  /** Its own directory: not there before, and not after. */
  readonly place: string;
  /** Latest, or any of the repository. */
  readonly choose: "latest" | "random";
  /** How old the newest backup may be: its cadence and its grace. */
  readonly newestWithin: Millis;
  /** How much may be lost. */
  readonly rpoWithin: Millis;
  readonly startWithin: Millis;
  /** Up to when nothing may be lost: the end of the backup when left out, or now, where the log is archived all the time. */
  readonly lossUntil?: "backup" | "now";
  /** The superuser of the restored cluster, and the database that is asked; ours when left out. */
  readonly serves?: () => Promise<{ readonly user: string; readonly database: string }>;
  /** Whether what was restored is sound, where no server can be asked. */
  readonly soundness?: (restored: RestoredBackup) => Promise<DrillFinding>;
  /** Bytes that are free where the place will be. */
  readonly room: (directory: string) => Promise<number>;
  /** The programs for a server of that version, and who may run them. */
  readonly programs: (serverVersion: string | null) => Promise<RunnableBinaries>;
  /** Turns what was restored into a cluster, where it is none yet; answers with its path. */
  readonly load: (restored: { readonly path: string }, runnable: RunnableBinaries) => Promise<string>;
  /** When the last heartbeat was, as the copy has it; null where nothing beats there. */
  readonly heartbeat: (server: IsolatedServer) => Promise<Timestamp | null>;
  readonly migrations: {
    /**
     * Of the last deployment before the backup, as it is on record; null where nothing is. What the copy has found since, in a
     * log that goes on, is expected too where it is on record.
     */
    readonly recorded: (
      snapshot: BackupSnapshot,
      found: readonly DrillMigration[],
    ) => Promise<readonly DrillMigration[] | null>;
    readonly found: (server: IsolatedServer) => Promise<readonly DrillMigration[]>;
    /** Brings the copy to where production's program would. */
    readonly forward: (server: IsolatedServer) => Promise<string>;
  };
  /** Steps that do not apply to backups of this kind, with why; none when left out. */
  readonly leftOut?: Partial<Readonly<Record<DrillStep, string>>>;
  readonly boot: (server: IsolatedServer, place: string) => Promise<DrillFinding>;
  readonly now: () => number;
  /** Ends it before the next step: whoever comes next finds it as one that was interrupted. */
  readonly closing: AbortSignal;
  /** Puts down what was found so far; a drill that is killed is known by it. */
  readonly keep: (report: {
    readonly snapshot: BackupSnapshot | null;
    readonly steps: readonly DrillStepResult[];
  }) => Promise<void>;
}
