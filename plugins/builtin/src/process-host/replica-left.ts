import type { HealthSighting, ReplicaExit } from "@fairway/core";
import { evidenceLimits } from "@fairway/core";
import type { HealthAnswer } from "./health-probe.ts";
import { signalName } from "./exit-reason.ts";

/** Why the lines of a replica are not shown that an earlier daemon started. */
export const withheldLog =
  "an earlier daemon started it, so what it may have written as a secret is not known: read its log with fairway logs";

/** How many lines of a log are evidence, and how much is read to find them. */
export const evidenceTail: { readonly lines: number; readonly bytes: number } = {
  lines: evidenceLimits.lines,
  bytes: 64 * 1024,
};

/** An answer about a replica's health as it is kept: `shown` is null where a body may hold a secret that nobody knows. */
export function sightingOf(
  { seen }: HealthAnswer,
  asked: Pick<HealthSighting, "at" | "took">,
  shown: ((text: string) => string) | null,
): HealthSighting {
  const body = shown === null ? "" : shown(seen.body).slice(0, evidenceLimits.body);
  return { ...asked, status: seen.status, body, error: seen.error };
}

/** How a process ended, by what its shim or its engine kept: an exit code, or 128 and the number of the signal. */
export function exitOf(code: number | null, outOfMemory: boolean): ReplicaExit | null {
  if (code === null) return outOfMemory ? { code: null, signal: "SIGKILL", outOfMemory } : null;
  return { code, signal: code > 128 ? signalName(code - 128) : null, outOfMemory };
}
