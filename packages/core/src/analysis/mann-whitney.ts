import { logNormalBelow } from "./normal.ts";

/** How far one sample lies above another, and how far it would by chance. */
export interface RankSum {
  /** Mann and Whitney's U of the first, less what it is on average where both are alike. */
  readonly excess: number;
  /** Its variance where both are alike, with the correction for ties. */
  readonly variance: number;
}

/**
 * Mann and Whitney's test of two histograms over the same buckets; what fell into one bucket is tied. The variance with
 * ties is that of Lehmann, "Nonparametrics" (1975), page 20.
 */
export function rankSum(first: readonly number[], second: readonly number[]): RankSum {
  const [n, m] = [sumOf(first), sumOf(second)];
  const total = n + m;
  if (n === 0 || m === 0) return { excess: 0, variance: 0 };
  let [below, u, ties] = [0, 0, 0];
  for (const [at, mine] of first.entries()) {
    const others = second[at] ?? 0;
    u += mine * (below + others / 2);
    below += others;
    ties += (mine + others) ** 3 - (mine + others);
  }
  return { excess: u - (n * m) / 2, variance: ((n * m) / 12) * (total + 1 - ties / (total * (total - 1))) };
}

/**
 * Evidence of several looks together that the first is above the second: each look is a stratum of its own, so that
 * neither a busy hour nor a changed share counts for a difference (van Elteren 1960).
 */
export interface RankEvidence {
  readonly excess: number;
  readonly variance: number;
}

export const noRankEvidence: RankEvidence = { excess: 0, variance: 0 };

/** Adds what was seen between two looks. */
export function addRanks(before: RankEvidence, first: readonly number[], second: readonly number[]): RankEvidence {
  const { excess, variance } = rankSum(first, second);
  const weight = 1 / (sumOf(first) + sumOf(second) + 1);
  return { excess: before.excess + weight * excess, variance: before.variance + weight ** 2 * variance };
}

/**
 * How large a difference is looked for: where an answer of the first is the slower of two with a chance of 55 %, the
 * excess grows by 0.6 for each unit of variance.
 */
const spread = 0.6 ** 2;

/**
 * The logarithm of the mixture over all drifts upwards, which may be looked at as often as one likes (Robbins 1970; the
 * one-sided normal mixture of Howard et al., "Time-uniform, nonparametric, nonasymptotic confidence sequences", 2021).
 */
export function strengthOfRanks({ excess, variance }: RankEvidence): number {
  const width = 1 + spread * variance;
  return (
    Math.log(2) -
    Math.log(width) / 2 +
    (spread * excess ** 2) / (2 * width) +
    logNormalBelow(excess * Math.sqrt(spread / width))
  );
}

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
