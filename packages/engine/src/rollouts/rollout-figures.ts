import type {
  AnalysisFact,
  AnalysisOptions,
  Counts,
  MetricsSource,
  Millis,
  Percent,
  QueryAnswer,
  Rollout,
  RouterTraffic,
  StepEvidence,
} from "@fairway/core";
import {
  addLook,
  beginEvidence,
  bothOf,
  codeOf,
  countsBetween,
  defaultAnalysis,
  noCounts,
  quantileOf,
  queryText,
  scopeOf,
  verdictOf,
} from "@fairway/core";
import type { AnalysisLook, LookFigures } from "../store/analysis-looks.ts";

/** What figures are taken from, and who is told. */
export interface FigureParts {
  /** What releases did since the router started; null where it counts nothing. Throws `router_unavailable`. */
  readonly traffic: () => Promise<RouterTraffic | null>;
  /** Undefined where nothing is asked of it. */
  readonly metrics: MetricsSource | undefined;
  readonly record: (look: AnalysisLook, isNews: boolean) => Promise<void>;
  /** By a clock that nobody can set. */
  readonly now: () => Millis;
}

/** What the figures of a rollout's new release say, as far as this process saw it; a crash loses what it saw. */
export interface RolloutFigures {
  /** What they say now. Looks again when it is time to, and answers at once with what is known; `weight` is the share now. */
  fact(weight: Percent | undefined): AnalysisFact;
}

const notAsked: AnalysisFact = { verdict: "none", reason: "" };

/** The two sides at one reading of the router's counters. */
interface Reading {
  readonly traffic: RouterTraffic | null;
  readonly candidate: Counts;
  readonly stable: Counts;
}

/** Watches the releases of a rollout. Where no analysis is asked for it only writes down what there is to see. */
export function rolloutFigures(
  rollout: Rollout,
  wanted: AnalysisOptions | undefined,
  parts: FigureParts,
): RolloutFigures {
  const options: AnalysisOptions = wanted ?? { ...defaultAnalysis, rules: [] };
  const route = scopeOf(rollout.environment, rollout.service);
  let step: StepEvidence | null = null;
  let known: AnalysisFact = { verdict: "pending", reason: "nothing was seen yet" };
  let before: RouterTraffic | null = null;
  let [since, lookedAt]: [Millis, Millis] = [0, 0];
  let underWay = false;
  let trouble: Error | undefined;

  /** What both did since another reading, or since the router counts. A router that was started anew counts from 0. */
  function between(earlier: RouterTraffic | null, now: RouterTraffic): Omit<Reading, "traffic"> {
    const from = earlier?.since === now.since ? (earlier.routes[route] ?? {}) : {};
    let [candidate, stable] = [noCounts, noCounts];
    for (const [release, counters] of Object.entries(now.routes[route] ?? {})) {
      const counts = countsBetween(from[release], counters);
      if (release === rollout.to) candidate = bothOf(candidate, counts);
      else if (release === rollout.from || earlier !== null) stable = bothOf(stable, counts);
    }
    return { candidate, stable };
  }

  async function answers(): Promise<Readonly<Record<string, QueryAnswer>>> {
    const { environment, service, to, from } = rollout;
    const ask = async (query: string, release: string): Promise<number | string> =>
      parts.metrics?.ask(queryText(query, { release, service, environment })) ?? "there is nobody to ask";
    const found = options.rules.map(async (rule): Promise<readonly (readonly [string, QueryAnswer])[]> => {
      if (rule.metric !== "query") return [];
      const [candidate, stable] = await Promise.all([
        ask(rule.candidate, to),
        rule.stable === null || from === null ? null : ask(rule.stable, from),
      ]);
      return [[rule.name, { candidate, stable }]];
    });
    return Object.fromEntries((await Promise.all(found)).flat());
  }

  async function begin(weight: Percent): Promise<void> {
    const traffic = await parts.traffic();
    // With all traffic on the new release, the old one is what it was before; best what it was beside it.
    const beside = step === null ? noCounts : bothOf(step.baseline, step.stable);
    const baseline =
      traffic === null || beside.requests >= options.minimumRequests ? beside : between(null, traffic).stable;
    step = beginEvidence(options, weight, weight < 100 ? beside : baseline, (step?.epoch ?? 0) + 1);
    before = traffic;
    since = parts.now();
  }

  async function look(weight: Percent): Promise<void> {
    if (step === null || step.weight !== weight) {
      known = { verdict: "pending", reason: "nothing was seen yet" };
      return begin(weight);
    }
    const [traffic, queries] = await Promise.all([parts.traffic(), answers()]);
    const seen = traffic === null ? { candidate: noCounts, stable: noCounts } : between(before, traffic);
    before = traffic;
    step = addLook(options, step, { ...seen, queries });
    const verdict = verdictOf(options, step, parts.now() - since);
    const fact: AnalysisFact = wanted === undefined ? notAsked : verdict;
    const isNews = fact.verdict !== known.verdict;
    known = { verdict: fact.verdict, reason: fact.reason };
    const figures = {
      candidate: figuresOf(rollout.to, seen.candidate),
      stable: figuresOf(rollout.from ?? "", seen.stable),
      rules: verdict.rules,
    };
    await parts.record({ service: rollout.service, weight, ...known, figures }, isNews);
  }

  return {
    fact(weight) {
      // The first release of a service has nothing to be compared with, and nothing to go back to.
      if (rollout.from === null) return notAsked;
      if (trouble !== undefined) {
        const thrown = trouble;
        trouble = undefined;
        // A router that does not answer has counted on meanwhile, and is asked again.
        if (codeOf(thrown) !== "router_unavailable") throw thrown;
      }
      const now = parts.now();
      const changed = weight !== undefined && weight > 0 && step?.weight !== weight;
      // A no stays one: later looks would only blur it.
      const due = changed || (now - lookedAt >= options.every && known.verdict !== "fail");
      if (weight !== undefined && weight > 0 && !underWay && due) {
        underWay = true;
        lookedAt = now;
        look(weight)
          .catch((thrown: Error) => void (trouble = thrown))
          .finally(() => (underWay = false));
      }
      if (wanted === undefined) return notAsked;
      return changed ? { verdict: "pending", reason: "nothing was seen yet" } : known;
    },
  };
}

const figuresOf = (release: string, counts: Counts): LookFigures => ({
  release,
  requests: counts.requests,
  errors: counts.errors,
  p50: quantileOf(counts, 0.5),
  p90: quantileOf(counts, 0.9),
  p95: quantileOf(counts, 0.95),
  p99: quantileOf(counts, 0.99),
});
