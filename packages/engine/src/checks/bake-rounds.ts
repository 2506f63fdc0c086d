import type { Millis } from "@fairway/core";

/** What is known of the rounds of a bake: when the last one began, null where there was none, and when they are to be. */
export interface BakeRounds {
  readonly begunAt: Millis | null;
  readonly every: Millis;
  /** The end of the bake. */
  readonly until: Millis;
}

/**
 * Whether another round is to be made. A bake ends on one that began at its end or later: what a daemon before this one has
 * recorded answers at once, and says nothing of what runs now.
 */
export const isRoundDue = ({ begunAt, every, until }: BakeRounds, now: Millis): boolean =>
  begunAt === null || (now >= until ? begunAt < until : now >= begunAt + every);
