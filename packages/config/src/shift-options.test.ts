import { expect, onTestFinished, test } from "vitest";
import { explain, formatExplanation } from "./explain.ts";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const load = (strategy: string, live = "{}"): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      {
        "fairway.yaml": `name: a\nservices:\n  web:\n    run: x\n    strategy: ${strategy}\nenvironments:\n  live: ${live}\n`,
      },
      onTestFinished,
    ),
  );

async function strategyOf(written: string): Promise<unknown> {
  const loaded = await load(written, "{ verify: { page: x } }");
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  return loaded.project.environments[0]?.placements[0]?.strategy;
}

test("what is written of a strategy is what it has, and what is not written is not there", async () => {
  expect(
    await strategyOf(
      `{ blue-green: { bake: 0s, keepWarm: 10m, preview: true, verifyFirst: true, breakerThreshold: 25%, breakerCounts: consecutive, minHealthyTime: 5s } }`,
    ),
  ).toEqual({
    name: "blue-green",
    bake: 0,
    keepWarm: 600_000,
    preview: true,
    verifyFirst: true,
    breakerPercent: 25,
    breakerCounts: "consecutive",
    minHealthyTime: 5000,
  });
  expect(
    await strategyOf(
      `{ linear: { step: 50, every: 1s, bake: 0s, sticky: true, match: { headers: { X-Canary: "1" } } } }`,
    ),
  ).toEqual({
    name: "linear",
    step: 50,
    every: 1000,
    bake: 0,
    sticky: true,
    match: { headers: { "X-Canary": "1" } },
  });
  expect(await strategyOf(`{ rolling: { breakerThreshold: 7 } }`)).toMatchObject({ breakerThreshold: 7 });
});

test("a share is explained as it was written", async () => {
  const loaded = await load(`{ rolling: { breakerThreshold: 25% } }`);
  if (!loaded.ok) throw new Error("it has problems");
  const explanation = explain(loaded, "services.web.strategy.breakerThreshold");
  expect(explanation.known && explanation.settings.map(formatExplanation)).toEqual([
    expect.stringMatching(/breakerThreshold = .*25%.*fairway\.yaml:5:/u),
  ]);
});

test.each([
  [`{ rolling: { breakerThreshold: 0% } }`, "a share of the replicas"],
  [`{ rolling: { breakerThreshold: 101% } }`, "a share of the replicas"],
  [`{ rolling: { keepWarm: 1m } }`, "keepWarm"],
  [`{ recreate: { preview: true } }`, "preview"],
  [`{ blue-green: { sticky: true } }`, "sticky"],
  [`{ blue-green: { preview: "Not A Host" } }`, "host name"],
  [`{ blue-green: { preview: "*" } }`, "host name"],
  [`{ canary: { steps: [{ weight: 5 }], match: {} } }`, "a header or a cookie"],
  [`{ canary: { steps: [{ weight: 5 }], match: { headers: { "a b": x } } } }`, "names of headers"],
  [`{ blue-green: { minHealthyTime: 40m } }`, "deadline"],
  [`{ blue-green: { verifyFirst: true } }`, 'live has no "verify" commands'],
  [`{ blue-green: { preview: web.live.localhost } }`, "belongs to web in live"],
])("%s is refused, and why", async (written, why) => {
  const loaded = await load(written);
  expect(loaded.ok ? "" : loaded.problems.map(formatProblem).join("\n")).toContain(why);
});
