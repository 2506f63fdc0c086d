import type { Percent } from "../units.ts";
import type { AnalysisOptions, AnalysisRule } from "./analysis-options.ts";
import type { Counts } from "./counts.ts";
import { bothOf, boundFrom, noCounts, quantileOf, slowerThan } from "./counts.ts";
import type { Evidence, Share } from "./evidence.ts";
import { aboveLimit, atMost, moreOften, noEvidence, strengthOf } from "./evidence.ts";
import type { RankEvidence } from "./mann-whitney.ts";
import { addRanks, noRankEvidence, strengthOfRanks } from "./mann-whitney.ts";
import type { QueryAnswer, QueryRun } from "./query-run.ts";
import { addAnswer, noQueryRun } from "./query-run.ts";

/** What was seen between two looks. */
export interface Look {
  readonly candidate: Counts;
  /** All that is not the candidate. */
  readonly stable: Counts;
  /** By the name of the rule. */
  readonly queries: Readonly<Record<string, QueryAnswer>>;
}

/** What is known for one rule. */
export interface RuleEvidence {
  /** That the candidate is above the rule's bound. */
  readonly above: Evidence;
  /** That it is worse than the stable release. */
  readonly worse: Evidence;
  readonly slower: RankEvidence;
  readonly query: QueryRun;
}

/** What was seen since the candidate's share last changed. */
export interface StepEvidence {
  /** How often evidence was begun anew in this rollout, from 1: each time less chance of a false alarm is left to it. */
  readonly epoch: number;
  readonly weight: Percent;
  /** What the stable release did before; with all traffic on the candidate it is all there is to compare with. */
  readonly baseline: Counts;
  readonly candidate: Counts;
  readonly stable: Counts;
  readonly rules: readonly RuleEvidence[];
}

const nothingKnown: RuleEvidence = {
  above: noEvidence,
  worse: noEvidence,
  slower: noRankEvidence,
  query: noQueryRun,
};

/** Begins anew, after a change of the candidate's share. */
export const beginEvidence = (
  options: AnalysisOptions,
  weight: Percent,
  baseline: Counts,
  epoch: number,
): StepEvidence => ({
  epoch,
  weight,
  baseline,
  candidate: noCounts,
  stable: noCounts,
  rules: options.rules.map(() => nothingKnown),
});

/** Adds what was seen between two looks. */
export function addLook(options: AnalysisOptions, before: StepEvidence, look: Look): StepEvidence {
  return {
    ...before,
    candidate: bothOf(before.candidate, look.candidate),
    stable: bothOf(before.stable, look.stable),
    rules: options.rules.map((rule, at) => addToRule(rule, before.rules[at] ?? nothingKnown, before, look)),
  };
}

const errorsOf = ({ errors, requests }: Counts): Share => ({ hits: errors, of: requests });

function addToRule(rule: AnalysisRule, known: RuleEvidence, before: StepEvidence, look: Look): RuleEvidence {
  const { candidate, stable } = look;
  switch (rule.metric) {
    case "errorRate": {
      const mine = errorsOf(candidate);
      const above = rule.max === undefined ? known.above : aboveLimit(known.above, mine, rule.max / 100);
      if (rule.difference === null) return { ...known, above };
      const worse =
        before.weight < 100
          ? moreOften(known.worse, mine, errorsOf(stable))
          : aboveLimit(known.worse, mine, atMost(errorsOf(before.baseline)));
      return { ...known, above, worse };
    }
    case "latency": {
      const bound = rule.max === undefined ? null : boundFrom(candidate, rule.max);
      const above =
        bound === null ? known.above : aboveLimit(known.above, slowerThan(candidate, bound), 1 - rule.quantile);
      if (rule.difference === null) return { ...known, above };
      // The bound is taken from what was seen before, so that this look cannot choose its own measure.
      const usual = quantileOf(bothOf(before.baseline, before.stable), rule.quantile);
      const slow = usual === null ? null : boundFrom(look.candidate, usual);
      if (before.weight >= 100) {
        const worse =
          slow === null
            ? known.worse
            : aboveLimit(known.worse, slowerThan(candidate, slow), atMost(slowerThan(before.baseline, slow)));
        return { ...known, above, worse };
      }
      return {
        ...known,
        above,
        worse:
          slow === null ? known.worse : moreOften(known.worse, slowerThan(candidate, slow), slowerThan(stable, slow)),
        slower: addRanks(known.slower, candidate.answers, stable.answers),
      };
    }
    case "query": {
      const answer = look.queries[rule.name];
      return answer === undefined ? known : { ...known, query: addAnswer(known.query, rule, answer) };
    }
  }
}

/** How strongly the evidence speaks against the candidate, as the logarithm of what would be 1/p at a single look. */
export function comparedStrength(rule: AnalysisRule, known: RuleEvidence, weight: Percent): number {
  if (rule.metric !== "latency" || weight >= 100) return strengthOf(known.worse);
  // The mean of two such numbers is another.
  const [a, b] = [strengthOf(known.worse), strengthOfRanks(known.slower)];
  const most = Math.max(a, b);
  return Number.isFinite(most) ? most + Math.log((Math.exp(a - most) + Math.exp(b - most)) / 2) : most;
}
