import { array, assert, constantFrom, nat, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import type { AnalysisOptions, AnalysisRule } from "./analysis-options.ts";
import { defaultAnalysis } from "./analysis-options.ts";
import type { Counts } from "./counts.ts";
import { noCounts } from "./counts.ts";
import { addLook, beginEvidence } from "./judge.ts";
import type { QueryAnswer } from "./query-run.ts";
import type { AnalysisVerdict } from "./verdict.ts";
import { verdictOf } from "./verdict.ts";

const did = (requests: number, errors: number, answers: readonly number[] = [requests, 0, 0, 0]): Counts => ({
  requests,
  errors,
  answers,
  bounds: [10, 20, 100, null],
});

const only = (...rules: readonly AnalysisRule[]): AnalysisOptions => ({ ...defaultAnalysis, rules });

interface Seen {
  readonly candidate: Counts;
  readonly stable?: Counts;
  readonly baseline?: Counts;
  readonly weight?: number;
  readonly since?: number;
}

/** The verdict after ten looks alike. */
function after(
  options: AnalysisOptions,
  { candidate, stable = noCounts, baseline = noCounts, weight = 10, since = 0 }: Seen,
): AnalysisVerdict {
  let step = beginEvidence(options, weight, baseline, 1);
  for (let look = 0; look < 10; look++) step = addLook(options, step, { candidate, stable, queries: {} });
  return verdictOf(options, step, since);
}

const late = defaultAnalysis.deadline;

describe("figures of the router", () => {
  test("that are alike pass", () => {
    expect(after(defaultAnalysis, { candidate: did(50, 1), stable: did(450, 9) })).toMatchObject({ verdict: "pass" });
  });

  test("with many more errors fail, with the figures and the test", () => {
    const { verdict, reason } = after(defaultAnalysis, { candidate: did(50, 5), stable: did(450, 5) });
    expect(verdict).toBe("fail");
    expect(reason).toMatch(
      /^error rate: 10 % \(50 of 500\) against 1\.11 % \(50 of 4500\) of the stable release; worse, p ≤ \S+ by a sequential likelihood-ratio test$/u,
    );
  });

  test("that are worse by less than matters pass, however sure it is", () => {
    const little = { candidate: did(50_000, 70), stable: did(450_000, 450) };
    expect(after(defaultAnalysis, little)).toMatchObject({ verdict: "pass" });
  });

  test("with slower answers fail, and with a few slow ones as well", () => {
    const stable = did(450, 0, [440, 10, 0, 0]);
    const slow = after(defaultAnalysis, { candidate: did(50, 0, [5, 20, 25, 0]), stable });
    expect(slow).toMatchObject({ verdict: "fail" });
    expect(slow.reason).toMatch(/^p95: \d+ ms against \S+ ms of the stable release; worse, .*Mann-Whitney/u);
    expect(after(defaultAnalysis, { candidate: did(50, 0, [43, 0, 7, 0]), stable })).toMatchObject({ verdict: "fail" });
  });

  test("of too few requests are no data, which becomes the verdict only at the deadline and never a pass", () => {
    const few: Seen = { candidate: did(5, 0), stable: did(450, 0) };
    expect(after(defaultAnalysis, few)).toMatchObject({ verdict: "pending" });
    const end = after(defaultAnalysis, { ...few, since: late });
    expect(end).toMatchObject({ verdict: "no-data" });
    expect(end.reason).toContain("only 50 requests of the new release, and 100 are needed");
    expect(after(defaultAnalysis, { candidate: noCounts, since: late })).toMatchObject({ verdict: "no-data" });
    expect(after(defaultAnalysis, { candidate: did(50, 0), since: late })).toMatchObject({ verdict: "no-data" });
  });

  test("that are perhaps worse ask a person at the deadline", () => {
    const perhaps: Seen = { candidate: did(20, 1), stable: did(180, 2), since: late };
    const { verdict, reason } = after(only({ metric: "errorRate", difference: 0.5 }), perhaps);
    expect(verdict).toBe("inconclusive");
    expect(reason).toContain("perhaps worse");
  });
});

describe("a bound", () => {
  const rule = { metric: "errorRate", max: 2, difference: null } as const;

  test("fails what is surely above it, passes what is below, and asks about what is only just above", () => {
    expect(after(only(rule), { candidate: did(50, 5) })).toMatchObject({ verdict: "fail" });
    expect(after(only(rule), { candidate: did(50, 1) })).toMatchObject({ verdict: "pass" });
    const near = after(only({ ...rule, max: 1.9 }), { candidate: did(50, 1), since: late });
    expect(near).toMatchObject({ verdict: "inconclusive" });
    expect(near.reason).toContain("perhaps above the 1.9 % allowed");
  });

  test("that the stable release broke already ends nothing: a person is told", () => {
    const both = after(only(rule), { candidate: did(50, 5), baseline: did(1000, 60), since: late });
    expect(both).toMatchObject({ verdict: "inconclusive" });
    expect(both.reason).toContain("the stable release was above the 2 % allowed already");
    const mended = after(only(rule), { candidate: did(50, 0), baseline: did(1000, 60) });
    expect(mended).toMatchObject({ verdict: "pass" });
    expect(mended.reason).toContain("the stable release was above the 2 % allowed already");
  });

  test("of a time counts the answers above it", () => {
    const p95 = { metric: "latency", quantile: 0.95, max: 20, difference: null } as const;
    expect(after(only(p95), { candidate: did(50, 0, [30, 10, 10, 0]) })).toMatchObject({ verdict: "fail" });
    expect(after(only(p95), { candidate: did(50, 0, [30, 20, 0, 0]) })).toMatchObject({ verdict: "pass" });
  });
});

test("with all traffic the new release is compared with what the old one did before", () => {
  const baseline = did(4000, 20);
  const errors = only({ metric: "errorRate", difference: 0.5 });
  expect(after(errors, { candidate: did(400, 20), baseline, weight: 100 })).toMatchObject({ verdict: "fail" });
  expect(after(errors, { candidate: did(400, 2), baseline, weight: 100 })).toMatchObject({ verdict: "pass" });
  const times = only({ metric: "latency", quantile: 0.95, difference: 20 });
  const slow = did(400, 0, [300, 0, 100, 0]);
  expect(after(times, { candidate: slow, baseline: did(4000, 0), weight: 100 })).toMatchObject({ verdict: "fail" });
});

describe("answers to a query", () => {
  const rule = { metric: "query", name: "queue", candidate: "q", stable: "q", max: 10, difference: null } as const;
  const asked = (answers: readonly QueryAnswer[], given: AnalysisRule = rule, since = late): AnalysisVerdict => {
    let step = beginEvidence(only(given), 10, noCounts, 1);
    for (const queue of answers)
      step = addLook(only(given), step, { candidate: noCounts, stable: noCounts, queries: { queue } });
    return verdictOf(only(given), step, since);
  };

  test("must be bad three times in a row to fail", () => {
    const bad = { candidate: 11, stable: 3 };
    expect(asked([bad, bad])).toMatchObject({ verdict: "inconclusive" });
    expect(asked([bad, bad, bad])).toMatchObject({
      verdict: "fail",
      reason: "queue: 11 is above 10, 3 times in a row",
    });
    expect(asked([bad, bad, { candidate: 9, stable: 3 }, bad])).toMatchObject({ verdict: "inconclusive" });
    expect(asked([bad, { candidate: 9, stable: 3 }])).toMatchObject({ verdict: "pass" });
  });

  test("that are no numbers are no data, with what is wrong", () => {
    expect(asked([])).toMatchObject({ verdict: "no-data" });
    const empty = asked([
      { candidate: 3, stable: 3 },
      { candidate: "the answer is empty", stable: 3 },
    ]);
    expect(empty).toMatchObject({ verdict: "no-data", reason: "queue: the answer is empty" });
    expect(asked([{ candidate: "the answer is empty", stable: null }], rule, 0)).toMatchObject({ verdict: "pending" });
  });

  test("are compared with those of the stable release, and a bound that it breaks itself ends nothing", () => {
    const compared = { metric: "query", name: "queue", candidate: "q", stable: "q", difference: 50 } as const;
    const twice = { candidate: 6, stable: 3 };
    expect(asked([twice, twice, twice], compared)).toMatchObject({ verdict: "fail" });
    expect(asked([{ candidate: 4, stable: 3 }], compared)).toMatchObject({ verdict: "pass" });
    expect(asked([{ candidate: 4, stable: "no answer" }], compared)).toMatchObject({ verdict: "no-data" });
    const already = { candidate: 12, stable: 12 };
    const all = asked([already, already, already]);
    expect(all).toMatchObject({ verdict: "inconclusive" });
    expect(all.reason).toContain("the stable release breaks its bound already");
  });
});

test("whatever is seen: nothing passes without the figures it needs, and nothing stays pending after the deadline", () => {
  const counts = record({ requests: nat(200), bad: nat(60), slow: nat(60) }).map(({ requests, bad, slow }) =>
    did(requests, Math.min(bad, requests), [Math.max(0, requests - slow), 0, Math.min(slow, requests), 0]),
  );
  const looks = array(record({ candidate: counts, stable: counts }), { maxLength: 12 });
  const bounded: AnalysisOptions = only(
    { metric: "errorRate", max: 5, difference: 0.5 },
    { metric: "latency", quantile: 0.95, max: 50, difference: 20 },
  );
  assert(
    property(looks, constantFrom(1, 50, 100), counts, constantFrom(0, late), (seen, weight, baseline, since) => {
      let step = beginEvidence(bounded, weight, baseline, 1);
      for (const look of seen) step = addLook(bounded, step, { ...look, queries: {} });
      const { verdict, reason, rules } = verdictOf(bounded, step, since);
      expect(verdict !== "pass" || step.candidate.requests >= bounded.minimumRequests).toBe(true);
      expect(since === late && verdict === "pending").toBe(false);
      expect(verdict).not.toBe("none");
      expect(rules).toHaveLength(2);
      expect(reason).not.toMatch(/NaN|Infinity|undefined/u);
    }),
  );
});
