/**
 * Tests that may be looked at as often as one likes. Each is a number that starts at 1 and that, while nothing is wrong,
 * is a supermartingale: the chance that it ever reaches 1/α is at most α, however often it is looked at and whenever one
 * stops (Ville's inequality; the mixture sequential probability ratio test of Robbins 1970, as in Johari et al., "Always
 * Valid Inference", 2022, and Kulldorff et al., "A Maximized Sequential Probability Ratio Test", 2011). Kept as logarithms.
 */

/** By how much more often something may happen to the candidate: the alternatives that are weighed, alike. */
const ratios = [1.75, 2.5, 4, 8, 30] as const;

/** How strongly what was seen speaks for each alternative, as logarithms of likelihood ratios. */
export type Evidence = readonly number[];

export const noEvidence: Evidence = ratios.map(() => 0);

/** The logarithm of the mean likelihood ratio. */
export function strengthOf(evidence: Evidence): number {
  const most = Math.max(...evidence);
  if (!Number.isFinite(most)) return most;
  return most + Math.log(evidence.reduce((sum, one) => sum + Math.exp(one - most), 0) / evidence.length);
}

/** How often something happened, among how many. */
export interface Share {
  readonly hits: number;
  readonly of: number;
}

/**
 * Adds what was seen between two looks to the evidence that it happens more often to the candidate. It asks of each hit
 * whose it was: were both alike, it would be the candidate's with its share of the requests, whatever the rate is then and
 * however traffic was shared. That hits are drawn without replacement only makes it more careful (Hoeffding 1963, theorem 4).
 */
export function moreOften(evidence: Evidence, candidate: Share, stable: Share): Evidence {
  const total = candidate.of + stable.of;
  if (candidate.of === 0 || stable.of === 0) return evidence;
  const share = candidate.of / total;
  return evidence.map((before, at) => {
    const ratio = ratios[at] ?? 1;
    const norm = 1 + (ratio - 1) * share;
    return before + candidate.hits * Math.log(ratio / norm) - stable.hits * Math.log(norm);
  });
}

/** The same for "it happens with a chance above `limit`", of one release alone. */
export function aboveLimit(evidence: Evidence, { hits, of }: Share, limit: number): Evidence {
  if (limit >= 1) return evidence;
  if (limit <= 0) return hits > 0 ? evidence.map(() => Number.POSITIVE_INFINITY) : evidence;
  return evidence.map((before, at) => {
    const chance = Math.min(limit * (ratios[at] ?? 1), (1 + limit) / 2);
    return before + hits * Math.log(chance / limit) + (of - hits) * Math.log((1 - chance) / (1 - limit));
  });
}

/**
 * The most that a chance can well be of which so many hits were seen: the upper end of Wilson's interval, which is
 * exceeded by the truth in 1 of 200 (Wilson 1927).
 */
export function atMost({ hits, of }: Share): number {
  if (of === 0) return 1;
  const z = 2.5758;
  const rate = hits / of;
  const middle = rate + (z * z) / (2 * of);
  const spread = z * Math.sqrt((rate * (1 - rate)) / of + (z * z) / (4 * of * of));
  return Math.min(1, (middle + spread) / (1 + (z * z) / of));
}
