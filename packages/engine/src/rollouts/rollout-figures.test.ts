import { EventEmitter, once } from "node:events";
import { rolloutOf } from "@fairway/conformance";
import type {
  AnalysisFact,
  AnalysisOptions,
  Millis,
  Percent,
  ReleaseId,
  ReleaseTraffic,
  RouterTraffic,
} from "@fairway/core";
import { defaultAnalysis, FairwayError } from "@fairway/core";
import { expect, test } from "vitest";
import type { AnalysisLook } from "../store/analysis-looks.ts";
import type { RolloutFigures } from "./rollout-figures.ts";
import { rolloutFigures } from "./rollout-figures.ts";

const [old, fresh] = ["r1", "r2"] as [ReleaseId, ReleaseId];
const strategy = { name: "canary", steps: [{ weight: 10, pause: 0 }], bake: 0 } as const;
const errorsOnly: AnalysisOptions = { ...defaultAnalysis, rules: [{ metric: "errorRate", difference: 0.5 }] };

/** A release that has answered so many, so many of them badly. */
const did = (requests: number, bad: number): ReleaseTraffic => ({
  ...{ requests, errors: 0 },
  statuses: { "1xx": 0, "2xx": requests - bad, "3xx": 0, "4xx": 0, "5xx": bad },
  latency: {
    buckets: [
      { le: 10, count: requests },
      { le: null, count: requests },
    ],
    sum: 0,
    count: requests,
  },
});

/** A rollout whose router counts what the test says. */
class World {
  readonly looks: AnalysisLook[] = [];
  readonly figures: RolloutFigures;
  traffic: () => Promise<RouterTraffic | null> = async () => null;
  readonly #recorded = new EventEmitter();
  #now: Millis = 0;

  constructor(wanted: AnalysisOptions | undefined, answers: (query: string) => number | string = () => "nobody") {
    this.figures = rolloutFigures(rolloutOf({ from: old, to: fresh, desired: 2, strategy }), wanted, {
      traffic: () => this.traffic().finally(() => this.#recorded.emit("read")),
      metrics: { ask: async (query) => answers(query) },
      now: () => this.#now,
      record: async (look) => {
        this.looks.push(look);
        this.#recorded.emit("recorded");
      },
    });
  }

  counts(stable: ReleaseTraffic, candidate: ReleaseTraffic, since = "then"): void {
    this.traffic = async () => ({ since, routes: { "test/api": { [old]: stable, [fresh]: candidate } } });
  }

  /** A change of the share, which is seen at once. */
  async shift(weight: Percent): Promise<void> {
    const read = once(this.#recorded, "read");
    this.figures.fact(weight);
    await read;
    await settled();
  }

  /** One look later. */
  async look(weight: Percent): Promise<AnalysisFact> {
    this.#now += defaultAnalysis.every;
    const recorded = once(this.#recorded, "recorded");
    this.figures.fact(weight);
    await recorded;
    await settled();
    return this.figures.fact(weight);
  }

  pass(time: Millis): void {
    this.#now += time;
  }
}

/** What was resolved has been heard of by everybody. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("only what happens after a change of the share counts", async () => {
  const world = new World(errorsOnly);
  world.counts(did(9000, 0), did(1000, 900));
  await world.shift(10);
  world.counts(did(9900, 9), did(1100, 900));
  expect(await world.look(10)).toMatchObject({ verdict: "pass" });
  world.counts(did(10_800, 18), did(1200, 980));
  expect(await world.look(10)).toMatchObject({ verdict: "fail" });
  expect(
    world.looks.map(({ verdict, figures }) => [verdict, figures.candidate.requests, figures.candidate.errors]),
  ).toEqual([
    ["pass", 100, 0],
    ["fail", 100, 80],
  ]);
});

test("nothing is known yet after each change, and never becomes a pass without figures", async () => {
  const world = new World(errorsOnly);
  expect(world.figures.fact(undefined)).toMatchObject({ verdict: "pending" });
  await world.shift(10);
  expect(await world.look(10)).toMatchObject({ verdict: "pending" });
  world.pass(errorsOnly.deadline);
  expect(await world.look(10)).toMatchObject({ verdict: "no-data" });
  expect(world.figures.fact(50)).toMatchObject({ verdict: "pending" });
});

test("with all traffic the old release is what it was beside the new one", async () => {
  const world = new World(errorsOnly);
  world.counts(did(50_000, 0), did(0, 0));
  await world.shift(10);
  world.counts(did(51_000, 50), did(1000, 50));
  await world.look(10);
  await world.shift(100);
  world.counts(did(51_000, 50), did(1500, 75));
  expect(await world.look(100)).toMatchObject({ verdict: "pass" });
  world.counts(did(51_000, 50), did(2500, 775));
  expect(await world.look(100)).toMatchObject({ verdict: "fail" });
});

test("a router that was started anew counts from nothing, and one that does not answer is asked again", async () => {
  const world = new World(errorsOnly);
  world.counts(did(9000, 0), did(1000, 0));
  await world.shift(10);
  world.counts(did(900, 9), did(200, 2), "later");
  expect(await world.look(10)).toMatchObject({ verdict: "pass" });
  world.traffic = () => Promise.reject(new FairwayError("router_unavailable", "it is away"));
  world.pass(defaultAnalysis.every);
  await world.shift(10);
  world.counts(did(1800, 18), did(300, 3), "later");
  expect(await world.look(10)).toMatchObject({ verdict: "pass" });
});

test("queries are asked of both releases by their names", async () => {
  const asked = new Set<string>();
  const query = { metric: "query", name: "q", candidate: "{{release}} {{service}}", stable: "{{release}}" } as const;
  const options = { ...errorsOnly, rules: [{ ...query, max: 5, difference: null }] };
  const world = new World(options, (text) => (asked.add(text), 3));
  await world.shift(10);
  expect(await world.look(10)).toEqual({ verdict: "pass", reason: "q: 3" });
  expect([...asked]).toEqual(["r2 api", "r1"]);
});

test("where nothing is judged it is only written down", async () => {
  const world = new World(undefined);
  world.counts(did(900, 0), did(100, 100));
  await world.shift(10);
  world.counts(did(1800, 0), did(200, 200));
  expect(await world.look(10)).toEqual({ verdict: "none", reason: "" });
  expect(world.looks).toMatchObject([{ verdict: "none", figures: { candidate: { errors: 100 }, rules: [] } }]);
});
