import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HealthCheck, HealthSighting, Millis, ReleaseId, ReplicaLimits, Timestamp } from "@fairway/core";
import type { ProcessIdentity } from "./process-identity.ts";
import { hasCode } from "./system-error.ts";

/**
 * What is written down about a replica, so that whoever comes after a daemon that died can go on with it. The command's
 * environment is not part of it: there are secrets in it.
 */
export interface ReplicaRecord {
  readonly format: 1;
  readonly name: string;
  /** `production/api`. */
  readonly scope: string;
  readonly release: ReleaseId;
  readonly port: number;
  readonly health: HealthCheck;
  /** Absent in records from before there were limits, like the two that follow. */
  readonly limits?: ReplicaLimits | undefined;
  /** The control groups that were made for it. */
  readonly groups?: readonly string[];
  /** Whether it was given secrets, which only the daemon that started it knows. */
  readonly hasSecrets?: boolean;
  /** Its memory is looked at by us, because the kernel does not. */
  readonly watchMemory?: boolean;
  readonly startedAt: Timestamp;
  /** By the clock that nobody can set; means something only within the same boot. */
  readonly startedAtUptime: Millis;
  /** Where in the log this start begins. */
  readonly logFrom: number;
  readonly bootId: string;
  /** Null until it was started. */
  readonly shim: ProcessIdentity | null;
  /** Null until the shim has told. */
  readonly service: ProcessIdentity | null;
  readonly readyAt: Timestamp | null;
  /** Why it failed. */
  readonly failed: string | null;
  /** What its health answered last before it failed; absent in records from before it was kept. */
  readonly sightings?: readonly HealthSighting[];
  /** When, by the uptime clock, a stop that was asked for becomes force; null when none was. */
  readonly stopBy: Millis | null;
}

/** The files of one replica. */
export interface ReplicaFiles {
  readonly home: string;
  readonly record: string;
  readonly log: string;
  /** Written by the shim: that the service can be signalled, its pid, and how it ended. */
  readonly begun: string;
  readonly pid: string;
  readonly exit: string;
}

export const filesOf = (home: string): ReplicaFiles => ({
  home,
  record: join(home, "record.json"),
  log: join(home, "log"),
  begun: join(home, "begun"),
  pid: join(home, "pid"),
  exit: join(home, "exit"),
});

/** Milliseconds by a clock that only goes forward and that all processes of a boot share. */
export const uptime = (): Millis => Number(process.hrtime.bigint() / 1_000_000n);

/** Writes a record so that a reader finds the old one or the new one. No fsync: no process outlives a power cut either. */
export function writeRecord(files: ReplicaFiles, record: ReplicaRecord): void {
  mkdirSync(files.home, { recursive: true, mode: 0o700 });
  writeFileSync(`${files.record}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${files.record}.new`, files.record);
}

/** Null when there is none, or none that can be read: a power cut may have torn it. */
export function readRecord(files: ReplicaFiles): ReplicaRecord | null {
  const text = readIfThere(files.record);
  if (text === null) return null;
  try {
    const record = JSON.parse(text) as ReplicaRecord;
    return record.format === 1 ? record : null;
  } catch {
    return null;
  }
}

/** A whole number that the shim wrote; null while it has not. */
export function readNumber(path: string): number | null {
  const text = readIfThere(path)?.trim() ?? "";
  return /^\d+$/.test(text) ? Number(text) : null;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    if (hasCode(thrown, "ENOENT", "ENOTDIR")) return null;
    throw thrown;
  }
}
