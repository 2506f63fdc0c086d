import type { Millis, Timestamp } from "../units.ts";

/** One question about a replica's health, and what came of it. */
export interface HealthSighting {
  readonly at: Timestamp;
  /** Null when there was no answer. */
  readonly status: number | null;
  /** How its answer began; empty when it is not shown, because it may hold a secret. */
  readonly body: string;
  readonly took: Millis;
  /** Why there was no answer, or none that counts; null when it was one. */
  readonly error: string | null;
}

/** How a replica's process ended. */
export interface ReplicaExit {
  readonly code: number | null;
  /** `SIGSEGV`; null when no signal ended it. */
  readonly signal: string | null;
  /** Ended for using more memory than it may. */
  readonly outOfMemory: boolean;
}

/** What a replica left behind, for whoever asks why it failed. Secrets are masked. */
export interface ReplicaEvidence {
  /** Null while it is alive, and when nobody saw how it ended. */
  readonly exit: ReplicaExit | null;
  /** Its last lines, oldest first; empty when it wrote none. */
  readonly log: readonly string[];
  /** Why its lines are not shown; null when they are. */
  readonly logWithheld: string | null;
  /** The last answers, oldest first. */
  readonly health: readonly HealthSighting[];
}

/** How much of each is kept: enough to see why, and no more than a row should hold. */
export const evidenceLimits = { lines: 50, line: 300, answers: 5, body: 200 } as const;

/** The newest answers, the new one last. */
export const withSighting = (before: readonly HealthSighting[], seen: HealthSighting): readonly HealthSighting[] =>
  [...before, seen].slice(-evidenceLimits.answers);

/** How a process ended, in words for people. */
export function exitWords(exit: ReplicaExit | null): string {
  if (exit === null) return "still runs, or nobody saw how it ended";
  const how =
    exit.signal !== null ? `ended by ${exit.signal}` : exit.code === null ? "ended" : `exited with code ${exit.code}`;
  return exit.outOfMemory ? `${how}: it used more memory than it may` : how;
}

/** What a health question came to, in words for people: `503 in 12 ms: warming up`. */
export function sightingWords({ status, body, took, error }: HealthSighting): string {
  const answer = status === null ? (error ?? "no answer") : `answered ${status}`;
  const said = status !== null && body !== "" ? `: ${body.split("\n")[0]}` : "";
  return `${answer} after ${Math.round(took)} ms${said}`;
}
