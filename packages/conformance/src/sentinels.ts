import type { ReleaseId, ReplicaSpec } from "@fairway/core";

/**
 * Values that the fakes know. A release or a command word of this name makes its replicas fail in this way, so that the
 * same failure can be asked for in a test, in a story and in the dashboard.
 */
export const sentinels = {
  broken: "Exits as soon as it has started.",
  "never-ready": "Runs, never answers, and is given up after a while; its process is still there.",
  late: "Takes twenty moments to get ready.",
  "dies-later": "Gets ready and exits a moment later.",
  "ill-later": "Gets ready, and a moment later its health fails; its process is still there.",
  unstartable: "Cannot be started at all: the host throws.",
} as const;

export type Sentinel = keyof typeof sentinels;

/** A release whose replicas fail in the named way. */
export const releaseThat = (sentinel: Sentinel): ReleaseId => sentinel as unknown as ReleaseId;

/** How the replicas of this release fail, by its name; null when they are well. */
export function sentinelOf(spec: Pick<ReplicaSpec, "release" | "command">): Sentinel | null {
  const words: readonly string[] = [spec.release, ...spec.command];
  return words.find((word): word is Sentinel => Object.hasOwn(sentinels, word)) ?? null;
}
