import type { BackupRepositoryShape } from "@fairway/api";

type Repository = BackupRepositoryShape;
type Drill = Repository["drills"][number];

/** One drill in the chart: how high its two bars are, as parts of the longest time; null where nobody knows. */
export interface RecoveryBar {
  readonly number: number;
  readonly rto: number | null;
  readonly rpo: number | null;
}

/** Drills that have ended, the oldest first, as a chart shows them. */
export function recoveryBars(drills: readonly Drill[]): readonly RecoveryBar[] {
  const ended = drills.filter(({ endedAt }) => endedAt !== null).toSorted((one, other) => one.number - other.number);
  const longest = Math.max(1, ...ended.flatMap(({ rto, rpo }) => [rto ?? 0, rpo ?? 0]));
  const partOf = (millis: number | null): number | null => (millis === null ? null : millis / longest);
  return ended.map(({ number, rto, rpo }) => ({ number, rto: partOf(rto), rpo: partOf(rpo) }));
}

/** What is wrong with a repository, in sentences: it cannot be read, is empty, owes something, or its last drill failed. */
export function wrongWith({ name, label, problem, backups, owed, drills }: Repository): readonly string[] {
  const last = drills.find(({ endedAt }) => endedAt !== null);
  return [
    ...(problem === null ? [] : [`${name} cannot be read: ${problem}`]),
    ...(problem === null && label !== null && backups.length === 0 ? [`${name} has no backup yet`] : []),
    ...owed
      .filter(({ state }) => state === "overdue" || state === "failing" || state === "unknown")
      .map(({ duty, state, why }) => `${duty} is ${state}${why === "" ? "" : `: ${why}`}`),
    ...(last?.outcome === "failed"
      ? [`drill ${last.number} of ${name} failed${last.failedStep === null ? "" : ` at ${last.failedStep}`}`]
      : []),
  ];
}
