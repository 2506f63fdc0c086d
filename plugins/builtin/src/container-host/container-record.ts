import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type {
  HealthCheck,
  HealthSighting,
  Millis,
  ReleaseId,
  ReplicaExit,
  ReplicaLimits,
  Timestamp,
} from "@fairway/core";
import { hasCode } from "../process-host/system-error.ts";

/**
 * What is written down about a replica, so that whoever comes after a daemon that died can go on with it. Its environment
 * is not part of it: there are secrets in it, and the engine has it.
 */
export interface ContainerRecord {
  readonly format: 1;
  readonly name: string;
  /** `production/api`. */
  readonly scope: string;
  readonly release: ReleaseId;
  readonly image: string;
  /** Of the machine's loopback. */
  readonly port: number;
  /** Whether it shares the machine's network, so that its own processes can be seen to listen. */
  readonly sharesNetwork: boolean;
  readonly health: HealthCheck;
  readonly limits: ReplicaLimits | undefined;
  readonly hasSecrets: boolean;
  readonly startedAt: Timestamp;
  /** By the clock that nobody can set; means something only within the same boot. */
  readonly startedAtUptime: Millis;
  readonly bootId: string;
  /** The engine's id; null until it was started. */
  readonly container: string | null;
  readonly readyAt: Timestamp | null;
  readonly failed: string | null;
  /** What its health answered last before it failed; absent in records from before it was kept. */
  readonly sightings?: readonly HealthSighting[];
  /** How it ended, once it has; absent in records from before it was kept. */
  readonly exit?: ReplicaExit | null;
  /** When, by the uptime clock, a stop that was asked for becomes force; null when none was. */
  readonly stopBy: Millis | null;
}

/** The files of one replica. */
export interface ContainerFiles {
  readonly home: string;
  readonly record: string;
  readonly log: string;
  /** How much of the engine's log was cut from the beginning of ours. */
  readonly cut: string;
}

export const containerFilesOf = (home: string): ContainerFiles => ({
  home,
  record: join(home, "record.json"),
  log: join(home, "log"),
  cut: join(home, "log-cut"),
});

/** Writes a record so that a reader finds the old one or the new one. */
export function writeContainerRecord(files: ContainerFiles, record: ContainerRecord): void {
  mkdirSync(files.home, { recursive: true, mode: 0o700 });
  writeFileSync(`${files.record}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${files.record}.new`, files.record);
}

/** Null when there is none, or none that can be read: a power cut may have torn it. */
export function readContainerRecord(files: ContainerFiles): ContainerRecord | null {
  try {
    const record = JSON.parse(readFileSync(files.record, "utf8")) as ContainerRecord;
    return record.format === 1 ? record : null;
  } catch (thrown) {
    if (hasCode(thrown, "ENOENT", "ENOTDIR") || thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}
