import type { Command } from "../project/project.ts";
import type { Millis } from "../units.ts";

/** A journey of a user that is made again and again, to know of trouble before users tell of it. */
export interface SyntheticCheck extends Command {
  readonly name: string;
  /** Between two runs of it at one place. */
  readonly every: Millis;
  /** Where it is made from: labels of those who make it. */
  readonly locations: readonly string[];
}

/** The label of the daemon itself, where nothing else is said. */
export const ownLocation = "here";

/** How a journey has gone at one place: what is shown of many runs. */
export interface SyntheticFigures {
  readonly runs: number;
  readonly passed: number;
  readonly failed: number;
  readonly noData: number;
  /** Of the runs that have data; null of none. */
  readonly p50: Millis | null;
  readonly p95: Millis | null;
}

/** After how many failures one after the other a release that is still baking goes back. */
export const failuresInBake = 2;

/**
 * Whether a release that bakes must go back: so many runs of one journey at one place failed one after the other. What has no
 * data says nothing either way.
 */
export function condemnsInBake(statuses: readonly ("passed" | "failed" | "no-data")[]): boolean {
  let inARow = 0;
  for (const status of statuses) {
    if (status === "failed") inARow += 1;
    if (status === "passed") inARow = 0;
    if (inARow >= failuresInBake) return true;
  }
  return false;
}
