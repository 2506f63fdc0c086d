import { expect, onTestFinished, test } from "vitest";
import { explain, formatExplanation } from "./explain.ts";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const load = (web: string, more = ""): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      {
        "fairway.yaml": `name: a\nservices:\n  web: { run: x }\nenvironments:\n  live: { services: { web: ${web} } }\n${more}`,
      },
      onTestFinished,
    ),
  );

test("requests become bytes and milliseconds, and what is not limited is not there", async () => {
  const rate = "requestRate: { perSecond: 0.5, burst: 3 }";
  const loaded = await load(
    `{ requests: { ${rate}, bodyBytes: 10MiB, headBytes: 4096, answerWithin: 30s }, httpsOnly: true }`,
  );
  if (!loaded.ok) throw new Error("it has problems");
  expect(loaded.project.environments[0]?.placements[0]).toMatchObject({
    requests: {
      requestRate: { perSecond: 0.5, burst: 3 },
      bodyBytes: 10_485_760,
      headBytes: 4096,
      answerWithin: 30_000,
    },
    httpsOnly: true,
  });
  const explanation = explain(loaded, "environments.live.services.web.requests.bodyBytes");
  expect(explanation.known && explanation.settings.map(formatExplanation)).toEqual([
    expect.stringMatching(/^environments\.live\.services\.web\.requests\.bodyBytes = 10 MiB {3}fairway\.yaml:5:/),
  ]);
  const none = await load("{ requests: {}, httpsOnly: false }");
  const placement = none.ok ? none.project.environments[0]?.placements[0] : undefined;
  expect(Object.keys(placement ?? {})).toEqual(["service", "replicas", "strategy", "env", "routes"]);
});

test("an environment takes over each limit that it does not have itself", async () => {
  const loaded = await load(
    "{ requests: { bodyBytes: 1MiB, answerWithin: 5s }, httpsOnly: true }",
    "  next: { inherits: live, services: { web: { requests: { answerWithin: 1s }, routes: [] } } }\n",
  );
  if (!loaded.ok) throw new Error("it has problems");
  expect(loaded.project.environments[1]?.placements[0]).toMatchObject({
    requests: { bodyBytes: 1_048_576, answerWithin: 1000 },
    httpsOnly: true,
  });
  const explanation = explain(loaded, "environments.next.services.web.requests.bodyBytes");
  expect(explanation.known && explanation.settings.map(formatExplanation)).toEqual([
    expect.stringMatching(/= 1 MiB.*inherited from live/),
  ]);
});

test.each([
  ["{ requests: { requestRate: 10 } }", "must be an object { perSecond, burst }"],
  ["{ requests: { requestRate: { perSecond: 10 } } }", "burst"],
  ["{ requests: { requestRate: { perSecond: 0, burst: 1 } } }", "perSecond must be a number from 0.001 to 1000000"],
  ["{ requests: { bodyBytes: 10M } }", 'bodyBytes must be a size such as "64KiB" or "10MiB", or a number of bytes'],
  ["{ requests: { headBytes: 10 } }", "headBytes must be from 256 bytes to 1024GiB"],
  ["{ requests: { answerWithin: 2.5 } }", "answerWithin must be whole milliseconds, at most 24h"],
  ["{ requests: { answerWithin: 25h } }", "answerWithin must be whole milliseconds, at most 24h"],
  ["{ requests: { rate: 1 } }", "rate"],
  ["{ requests: 10 }", "requests must be an object { requestRate, bodyBytes, headBytes, answerWithin }"],
  ['{ httpsOnly: "yes" }', "httpsOnly must be true or false"],
])("%s is refused with what is right", async (web, said) => {
  const loaded = await load(web);
  const found = loaded.ok ? [] : loaded.problems.map(formatProblem);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(said);
});
