import type { AnalysisFact } from "../deployment/strategy.ts";
import type { Millis } from "../units.ts";
import type { AnalysisOptions, AnalysisRule } from "./analysis-options.ts";
import { nameOfRule } from "./analysis-options.ts";
import type { Counts } from "./counts.ts";
import { bothOf, quantileOf } from "./counts.ts";
import { strengthOf } from "./evidence.ts";
import type { RuleEvidence, StepEvidence } from "./judge.ts";
import { comparedStrength } from "./judge.ts";
import { badAnswersThatFail, round } from "./query-run.ts";

/** What one rule says. */
export interface RuleVerdict {
  readonly metric: string;
  readonly verdict: "pass" | "fail" | "inconclusive" | "no-data";
  /** Percent, milliseconds, or what a query gave; null where there is none. */
  readonly candidate: number | null;
  readonly stable: number | null;
  /** With the figures and the test, as a sentence for people. */
  readonly reason: string;
}

/** What the figures say at a moment. */
export interface AnalysisVerdict extends AnalysisFact {
  readonly rules: readonly RuleVerdict[];
}

/** The chance that a rollout of which nothing is wrong is ended by its figures, over all its looks, steps and rules. */
export const falseAlarm = 0.01;

/** From here on there is a suspicion: not enough to end a rollout, too much to go on without a person. */
const suspicion = Math.log(10);

/** Of a rollout's chance of a false alarm, the part of the nth beginning: all of them together are 1. */
const partOfEpoch = (epoch: number): number => 6 / (Math.PI * epoch) ** 2;

/** Errors matter most, so most of the chance is theirs. */
const weightOf = (rule: AnalysisRule): number => (rule.metric === "errorRate" ? 3 : 1);

interface Test {
  readonly difference: number | null;
  readonly max?: number;
}

const testsOf = (rule: AnalysisRule): number => {
  if (rule.metric === "query") return 0;
  const { max, difference }: Test = rule;
  return (max === undefined ? 0 : 1) + (difference === null ? 0 : 1);
};

/** What is known, as a verdict. Before the deadline what may still change is `pending`. */
export function verdictOf(options: AnalysisOptions, step: StepEvidence, sinceShift: Millis): AnalysisVerdict {
  const all = options.rules.reduce((sum, rule) => sum + weightOf(rule) * testsOf(rule), 0);
  const rules = options.rules.map((rule, at): RuleVerdict => {
    const known = step.rules[at];
    if (known === undefined) throw new TypeError("each rule has its evidence");
    const needed = -Math.log((falseAlarm * partOfEpoch(step.epoch) * weightOf(rule)) / Math.max(1, all));
    return rule.metric === "query"
      ? judgeQuery(rule, known)
      : judgeTraffic({ rule, known, step, needed, minimum: options.minimumRequests });
  });
  const worst = (["fail", "no-data", "inconclusive"] as const).find((verdict) =>
    rules.some((rule) => rule.verdict === verdict),
  );
  const telling = worst === undefined ? rules : rules.filter(({ verdict }) => verdict === worst);
  const reason = telling.map((rule) => rule.reason).join("; ");
  const mayChange = worst === "no-data" || worst === "inconclusive";
  return {
    verdict: worst === undefined ? "pass" : mayChange && sinceShift < options.deadline ? "pending" : worst,
    reason,
    rules,
  };
}

interface Case {
  readonly rule: Exclude<AnalysisRule, { metric: "query" }>;
  readonly known: RuleEvidence;
  readonly step: StepEvidence;
  /** The logarithm of the evidence that ends a rollout. */
  readonly needed: number;
  readonly minimum: number;
}

function judgeTraffic({ rule, known, step, needed, minimum }: Case): RuleVerdict {
  const { candidate, weight, baseline } = step;
  const stable = weight < 100 ? step.stable : baseline;
  const [mine, others] = [valueOf(rule, candidate), valueOf(rule, stable)];
  const metric = nameOfRule(rule);
  const figures = { metric, candidate: mine, stable: others };
  const say = (verdict: RuleVerdict["verdict"], words: string): RuleVerdict => ({
    ...figures,
    verdict,
    reason: `${metric}: ${words}`,
  });
  const of = (value: number | null): string =>
    value === null ? "nothing" : rule.metric === "errorRate" ? `${round(value)} %` : `${round(value)} ms`;
  const allowed = of(rule.max ?? null);
  // Said whatever the new release does: whoever reads it must not take it for the rollout's doing.
  const already = rule.max !== undefined && valueBefore(rule, step) > rule.max;
  const alarm = already ? `; the stable release was above the ${allowed} allowed already` : "";
  const seen = `${of(mine)}${counted(rule, candidate)} against ${of(others)}${counted(rule, stable)} of the stable release${alarm}`;

  if (candidate.requests < minimum || mine === null)
    return say("no-data", `only ${candidate.requests} requests of the new release, and ${minimum} are needed${alarm}`);
  const over = rule.max !== undefined && mine > rule.max;
  if (over && !already && strengthOf(known.above) >= needed)
    return say("fail", `${seen}; above the ${allowed} allowed, ${chance(known.above)}`);
  if (over) return say("inconclusive", already ? seen : `${seen}; perhaps above the ${allowed} allowed`);
  if (rule.difference === null) return say("pass", seen);
  if (stable.requests < minimum || others === null)
    return say(
      "no-data",
      `only ${stable.requests} requests of the stable release to compare with, and ${minimum} are needed`,
    );
  const strength = comparedStrength(rule, known, weight);
  const matters =
    rule.metric === "errorRate" ? mine - others >= rule.difference : mine >= others * (1 + rule.difference / 100);
  const how = `p ≤ ${round(Math.min(1, Math.exp(-strength)))} by ${testOf(rule, weight)}`;
  if (matters && strength >= needed) return say("fail", `${seen}; worse, ${how}`);
  if (matters && strength >= suspicion) return say("inconclusive", `${seen}; perhaps worse, ${how}`);
  return say("pass", seen);
}

const chance = (above: RuleEvidence["above"]): string =>
  `p ≤ ${round(Math.min(1, Math.exp(-strengthOf(above))))} by a sequential likelihood-ratio test`;

function testOf(rule: AnalysisRule, weight: number): string {
  if (rule.metric === "errorRate" || weight >= 100) return "a sequential likelihood-ratio test";
  return "sequential tests of ranks (Mann-Whitney) and of slow answers";
}

function valueOf(rule: Case["rule"], counts: Counts): number | null {
  if (rule.metric === "latency") return quantileOf(counts, rule.quantile);
  return counts.requests === 0 ? null : (100 * counts.errors) / counts.requests;
}

/** What the stable release had before and has beside the candidate. */
const valueBefore = (rule: Case["rule"], { baseline, stable }: StepEvidence): number =>
  valueOf(rule, bothOf(baseline, stable)) ?? 0;

const counted = (rule: Case["rule"], { errors, requests }: Counts): string =>
  rule.metric === "errorRate" ? ` (${errors} of ${requests})` : "";

function judgeQuery(rule: Extract<AnalysisRule, { metric: "query" }>, { query }: RuleEvidence): RuleVerdict {
  const { last, bad, badInARow, stableBad } = query;
  const number = (value: unknown): number | null => (typeof value === "number" ? value : null);
  const figures = { metric: rule.name, candidate: number(last?.candidate), stable: number(last?.stable) };
  const say = (verdict: RuleVerdict["verdict"], words: string): RuleVerdict => ({
    ...figures,
    verdict,
    reason: `${rule.name}: ${words}`,
  });
  if (last === null) return say("no-data", "was not asked yet");
  if (typeof last.candidate === "string") return say("no-data", last.candidate);
  if (rule.difference !== null && typeof last.stable === "string")
    return say("no-data", `of the stable release: ${last.stable}`);
  const value = round(last.candidate);
  const alarm = stableBad ? "; the stable release breaks its bound already" : "";
  if (bad === null) return say("pass", `${value}${alarm}`);
  if (stableBad) return say("inconclusive", `${value} is ${bad}${alarm}`);
  if (badInARow < badAnswersThatFail) return say("inconclusive", `${value} is ${bad}, ${badInARow} in a row`);
  return say("fail", `${value} is ${bad}, ${badInARow} times in a row`);
}
