import type { AnalysisOptions } from "@fairway/core";
import { expect, onTestFinished, test } from "vitest";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const load = (analysis: string, service = "routes: [{ host: a, path: / }]"): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      {
        "fairway.yaml": `name: a
services:
  api:
    run: x
    strategy:
      canary: { steps: [{ weight: 10, pause: approval }], analysis: ${analysis} }
environments:
  staging: { services: { api: { ${service} } } }
`,
      },
      onTestFinished,
    ),
  );

async function analysisOf(written: string): Promise<AnalysisOptions | undefined> {
  const loaded = await load(written);
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  const strategy = loaded.project.environments[0]?.placements[0]?.strategy;
  return strategy?.name === "canary" ? strategy.analysis : undefined;
}

async function complaints(written: string, service?: string): Promise<readonly string[]> {
  const loaded = await load(written, service);
  return loaded.ok ? [] : loaded.problems.map((problem) => formatProblem(problem).split("\n")[0] ?? "");
}

test("an analysis without any metric looks at errors and at the slowest answers", async () => {
  expect(await analysisOf("{}")).toEqual({
    every: 5_000,
    deadline: 600_000,
    minimumRequests: 100,
    rules: [
      { metric: "errorRate", difference: 0.5 },
      { metric: "latency", quantile: 0.95, difference: 20 },
    ],
  });
});

test("bounds, comparisons and queries are taken as they are written", async () => {
  const written = [
    "{ errorRate: { max: 2, compare: false }, p99: { max: 1.5s, difference: 50 }, every: 1s, deadline: 1m",
    'minimumRequests: 20, prometheus: { url: "http://127.0.0.1:9090", token: { secret: TOKEN } }',
    `queries: { queue: { query: 'q{release="{{release}}"}', difference: 10 }, disk: { query: free, min: 5 } } }`,
  ].join(", ");
  expect(await analysisOf(written)).toEqual({
    every: 1_000,
    deadline: 60_000,
    minimumRequests: 20,
    rules: [
      { metric: "errorRate", max: 2, difference: null },
      { metric: "latency", quantile: 0.99, max: 1_500, difference: 50 },
      {
        metric: "query",
        name: "queue",
        candidate: 'q{release="{{release}}"}',
        stable: 'q{release="{{release}}"}',
        difference: 10,
      },
      { metric: "query", name: "disk", candidate: "free", stable: null, min: 5, difference: null },
    ],
    prometheus: { url: "http://127.0.0.1:9090", token: "TOKEN" },
  });
});

test("what is of the wrong form is told with its place", async () => {
  expect(
    await complaints(`{ errorrate: {}, errorRate: { max: 101 }, p95: { max: soon }, prometheus: { url: x } }`),
  ).toEqual([
    expect.stringMatching(/^fairway\.yaml:6:\d+ .*errorrate/u),
    expect.stringMatching(/^fairway\.yaml:6:\d+ .*max must be a number from 0 to 100/u),
    expect.stringMatching(/^fairway\.yaml:6:\d+ .*max must be a span of time/u),
    expect.stringMatching(/^fairway\.yaml:6:\d+ .*url must be an address/u),
  ]);
});

test("what can never be judged is refused", async () => {
  const prometheus = `prometheus: { url: "http://p" }`;
  const of = async (written: string): Promise<string> => (await complaints(written)).join("\n");
  const withPassword = await of('{ prometheus: { url: "http://me:hidden@p" } }');
  expect(withPassword).toContain("must have no name or password in it");
  expect(withPassword).not.toContain("hidden");
  expect(await of("{ p95: { compare: false } }")).toMatch(/:6:\d+ .*p95 is neither compared nor bounded/u);
  expect(await of("{ queries: { q: { query: x, max: 1 } } }")).toContain('q cannot be asked: "prometheus" is missing');
  expect(await of(`{ ${prometheus}, queries: { q: { query: x } } }`)).toContain("q has nothing to be judged by");
  expect(await of(`{ ${prometheus}, queries: { q: { query: x, min: 2, max: 1 } } }`)).toContain(
    "q can never be from 2 to 1",
  );
  expect(await of(`{ ${prometheus}, queries: { q: { query: x, difference: 1 } } }`)).toContain("q cannot be compared");
  expect(await of(`{ ${prometheus}, queries: { q: { query: "x{r='{{relase}}'}", max: 1 } } }`)).toContain(
    "q names {{relase}}; there are {{release}}, {{service}} and {{environment}}",
  );
});

test("a service that nobody reaches cannot be judged by its requests, but by a query", async () => {
  expect(await complaints("{}", "replicas: 2, routes: []")).toEqual([
    expect.stringMatching(/^fairway\.yaml:6:\d+ api gets no requests in staging by which .* no route/u),
  ]);
  const query = `{ prometheus: { url: "http://p" }, queries: { q: { query: x, max: 1 } } }`;
  expect(await complaints(query, "replicas: 2, routes: []")).toEqual([]);
});
