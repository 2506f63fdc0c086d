import type { RegistryAccess } from "../containers/image-registry.ts";
import type { ReleaseId } from "../ids.ts";
import type { Bytes, Millis } from "../units.ts";
import type { FencingToken } from "./fencing.ts";
import type { ReplicaEvidence } from "./replica-evidence.ts";

/**
 * How a replica is asked whether it is well. Any 2xx answer is yes; a header `Fairway-Busy: n` or a JSON body `{"busy": n}`
 * tells of open jobs.
 */
export interface HealthCheck {
  readonly path: string;
  /** Between two questions to a replica that is ready. */
  readonly interval: Millis;
  /** For one answer. */
  readonly timeout: Millis;
  /** From the start of the process to its first good answer; later it counts as failed. */
  readonly startWithin: Millis;
}

export const defaultHealth: HealthCheck = { path: "/healthz", interval: 1000, timeout: 2000, startWithin: 30_000 };

/** The most that one replica may use; what is left out is not limited. */
export interface ReplicaLimits {
  /** Of all its processes together. One that uses more is ended, and started anew like any that died. */
  readonly memory?: Bytes | undefined;
  /** Processor time per time: 0.5 is half a processor. One that wants more is slowed down, not ended. */
  readonly cpus?: number | undefined;
  /** Open files and connections of each of its processes. */
  readonly files?: number | undefined;
}

/** What a host of containers starts a replica from. */
export interface ReplicaImage {
  /** By digest in a release, `registry.example/api@sha256:…`, so that it is the same bytes everywhere. */
  readonly reference: string;
  /** In the place of the image's own command; null for what the image says. */
  readonly command: readonly string[] | null;
  /** Where it listens inside its container; null for one that heeds `PORT`. */
  readonly port: number | null;
  /** Absolute folders of the machine that it sees under the same name, and may write. */
  readonly mounts: readonly string[];
  /** Whether its secrets are files, and not in its environment, which an engine shows to whoever may ask it; absent for no. */
  readonly secretFiles?: boolean | undefined;
  /** How the registry that it is in is reached, for whoever does not have it yet; kept in memory only, like `env`. */
  readonly access?: RegistryAccess | undefined;
}

/** All that a host must know to start a replica. The host adds the port (`PORT`) and `FAIRWAY_REPLICA`. */
export interface ReplicaSpec {
  readonly name: string;
  readonly release: ReleaseId;
  readonly command: readonly [string, ...string[]];
  /** Absolute; where the command starts. */
  readonly directory: string;
  /** The whole environment of the process, secrets included: never logged, never stored, never in argv. */
  readonly env: Readonly<Record<string, string>>;
  readonly health: HealthCheck;
  /** Values of `env` that nobody may read in a reason; kept in memory only, like `env`. */
  readonly secrets?: readonly string[] | undefined;
  /** What a host cannot enforce it tells once, and starts the replica all the same. */
  readonly limits?: ReplicaLimits | undefined;
  /** Whether it is reached from other machines too, and so listens on every address; only from this one when left out. */
  readonly reachable?: true | undefined;
  /** A host of containers needs it, and heeds its command in the place of `command` and `directory`. */
  readonly image?: ReplicaImage | undefined;
}

/**
 * *failed* gave up, was given up or died by itself; *stopped* ended because it was told to. Both stay on record until
 * they are forgotten.
 */
export type ReplicaState = "starting" | "ready" | "failed" | "stopped";

/** A replica as the host finds it. */
export interface Replica {
  readonly name: string;
  readonly release: ReleaseId;
  readonly state: ReplicaState;
  /** Whether a process is there. A failed replica may still be alive; a ready one always is. */
  readonly alive: boolean;
  /** Open long jobs, as it said itself. */
  readonly busy: number;
  /** Since every health answer was good, as far as this daemon saw; 0 while it is not ready. */
  readonly healthyFor: Millis;
  /** Where it answers; null until that is known. */
  readonly endpoint: Endpoint | null;
  /** Why it failed, as a sentence with its evidence: exit code, last health answer. */
  readonly reason?: string | undefined;
}

/** Where a replica takes requests. */
export interface Endpoint {
  readonly replica: string;
  readonly host: string;
  readonly port: number;
}

/** A place where Fairway itself starts and stops the replicas of one service in one environment. */
export interface ReplicaHost {
  readonly kind: string;

  /** Every replica on record, dead ones too. Looks at the processes and asks their health path; changes nothing. */
  list(): Promise<readonly Replica[]>;

  /**
   * Starts a replica and returns once it is on record, without waiting for it to be ready. Does nothing when one of
   * that name is on record. Throws `fenced` when the token is stale.
   */
  start(replica: ReplicaSpec, token: FencingToken): Promise<void>;

  /**
   * Ends the process: SIGTERM or its like, and force after `grace`. Returns when nothing of it is left. The record stays: as
   * failed when it had failed before, else as stopped. Does nothing when no such replica is alive. Throws `fenced` when the
   * token is stale.
   */
  stop(name: string, grace: Millis, token: FencingToken): Promise<void>;

  /**
   * Refuses every older epoch from here on. What an older holder began is on record. Throws `fenced` when the token is stale.
   */
  fence(token: FencingToken): Promise<void>;

  /**
   * What a replica left, for whoever asks why it failed: how it ended, its last lines, the last answers about its health.
   * Null when nothing of that name is on record. Changes nothing.
   */
  evidence(name: string): Promise<ReplicaEvidence | null>;

  /** Takes a dead replica off the record. Does nothing when there is none; refuses (`not_allowed_now`) a live one. */
  forget(name: string, token: FencingToken): Promise<void>;
}
