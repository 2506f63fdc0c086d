import type { Sha } from "@fairway/core";
import type { Scanned } from "./scan-job.ts";

/** More than this is of no use to who reads it; keys that are known to open something are all told. */
const mostTold = 200;

/** What a step came to: without what is allowed. */
export interface Looked extends Scanned {
  /** How much was allowed, and entries that would have allowed something and count no more; absent in older records. */
  readonly allowed?: number;
  readonly ended?: readonly string[];
  /** Commits that added more than can be read; absent in older records. */
  readonly skipped?: readonly Sha[];
}

/** Where something stands in a commit, without what it is. */
export function placeOf({ path, line, rule, credential }: Scanned["findings"][number]): object {
  const [, commit = "", file = path] = /^([0-9a-f]{1,12}):(.*)$/su.exec(path) ?? [];
  return { commit, path: file, line, rule, credential };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((one, other) => one + other, 0);

/** Those that are known to open something. */
export const leakedOf = ({ findings }: Pick<Scanned, "findings">): Scanned["findings"] =>
  findings.filter(({ credential }) => credential !== null);

/** Keys that are known to open something come first, and none of them is left out. */
export function shortened<Of extends Scanned>({
  findings,
  ...counted
}: Of): Omit<Of, "findings"> & Pick<Scanned, "findings"> {
  const leaked = leakedOf({ findings });
  const likely = findings.filter(({ credential }) => credential === null);
  return { ...counted, findings: [...leaked, ...likely.slice(0, Math.max(0, mostTold - leaked.length))] };
}

/** What several steps came to. */
export const together = (all: readonly Looked[]): Looked => ({
  findings: all.flatMap(({ findings }) => findings),
  files: sum(all.map(({ files }) => files)),
  bytes: sum(all.map(({ bytes }) => bytes)),
  binary: sum(all.map(({ binary = 0 }) => binary)),
  unread: sum(all.map(({ unread = 0 }) => unread)),
  allowed: sum(all.map(({ allowed = 0 }) => allowed)),
  ended: [...new Set(all.flatMap(({ ended = [] }) => ended))],
  skipped: all.flatMap(({ skipped = [] }) => skipped),
});
