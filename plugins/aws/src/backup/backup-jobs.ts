import type { Millis } from "@fairway/core";

/** How a backup, a copy or a restore ended, or that it has not. */
export interface BackupJob {
  readonly id: string;
  readonly resource: string;
  /** A person's three answers out of AWS's ten states. */
  readonly state: "running" | "succeeded" | "failed";
  /** AWS's own word, and why. */
  readonly said: string;
  readonly at: Date | null;
  readonly recoveryPoint: string | null;
  /** Of a copy, the recovery point that was copied; null else. */
  readonly source: string | null;
  readonly begunAt: Date | null;
}

/** A restore that AWS made by itself to try whether it can be done. */
export interface RestoreTest extends BackupJob {
  /** What came of it, to be looked at before AWS takes it away again. */
  readonly made: string | null;
  readonly validation: "none" | "successful" | "failed" | "timed-out" | "validating";
}

/** What a restore test was found to be, by the words of AWS Backup. */
export const validations: Readonly<Record<string, RestoreTest["validation"]>> = {
  SUCCESSFUL: "successful",
  FAILED: "failed",
  TIMED_OUT: "timed-out",
  VALIDATING: "validating",
};

/** PARTIAL is not all of it, so it is no backup. https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupJob.html */
function stateOf(said: string | undefined): BackupJob["state"] {
  if (said === "COMPLETED") return "succeeded";
  return said === undefined || ["CREATED", "PENDING", "RUNNING"].includes(said) ? "running" : "failed";
}

/** A job as AWS tells it, whatever kind it is of. */
export function jobOf(of: {
  readonly Id?: string | undefined;
  readonly ResourceArn?: string | undefined;
  readonly Said?: string | undefined;
  readonly StatusMessage?: string | undefined;
  readonly At?: Date | undefined;
  readonly RecoveryPointArn?: string | undefined;
  readonly Source?: string | undefined;
  readonly CreationDate?: Date | undefined;
}): BackupJob {
  return {
    id: of.Id ?? "",
    resource: of.ResourceArn ?? "",
    state: stateOf(of.Said),
    said: [of.Said, of.StatusMessage].filter((word) => word !== undefined && word !== "").join(": "),
    at: of.At ?? null,
    recoveryPoint: of.RecoveryPointArn ?? null,
    source: of.Source ?? null,
    begunAt: of.CreationDate ?? null,
  };
}

/** The newest first; those whose time is not known last. */
export const newestFirst = <Job extends BackupJob>(jobs: readonly Job[]): readonly Job[] =>
  jobs.toSorted((a, b) => (b.at?.getTime() ?? 0) - (a.at?.getTime() ?? 0));

/** Whether a resource was backed up within so long; null when it was, or why not. Pure. */
export function missedBackup(jobs: readonly BackupJob[], within: Millis, now: Date): string | null {
  const good = jobs.find(
    ({ state, at }) => state === "succeeded" && at !== null && now.getTime() - at.getTime() <= within,
  );
  if (good !== undefined) return null;
  const [last] = jobs;
  return last === undefined ? "no backup was begun" : `no backup came to its end; the last is ${last.said}`;
}
