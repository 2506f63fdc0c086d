import { expect, onTestFinished, test } from "vitest";
import { explain, formatExplanation } from "./explain.ts";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const load = (environments: string): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      {
        "fairway.yaml": `name: a\nservices:\n  api: { run: x, replicas: 4 }\n  web: { run: x }\n  job: { run: x, replicas: 0 }\nenvironments:\n${environments}`,
      },
      onTestFinished,
    ),
  );

async function project(environments: string) {
  const loaded = await load(environments);
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  const told = (key: string): readonly string[] => {
    const explanation = explain(loaded, key);
    return explanation.known ? explanation.settings.map(formatExplanation) : [explanation.message];
  };
  const replicas = (index: number): readonly number[] =>
    loaded.project.environments[index]?.placements.map((placement) => placement.replicas) ?? [];
  return { loaded, told, replicas };
}

test("an environment takes over what another has, scaled down, and says so; what it says itself counts as it is", async () => {
  const { told, replicas } = await project(
    "  staging: { inherits: production, scale: 0.5, services: { web: { replicas: 5 } } }\n" +
      "  production: { services: { api: { replicas: 6 } } }\n" +
      "  small: { inherits: staging, scale: 0.1 }\n",
  );
  expect(replicas(1)).toEqual([6, 1, 0]);
  expect(replicas(0)).toEqual([3, 5, 0]);
  // A tenth of half of six, and of the five that staging asks for itself: at least one, and none of none.
  expect(replicas(2)).toEqual([1, 1, 0]);
  expect(told("environments.staging.services.api.replicas")).toEqual([
    "environments.staging.services.api.replicas = 3   fairway.yaml:8:46, inherited from production, 6 × 0.5 by scale",
  ]);
  expect(told("environments.staging.scale")).toEqual(["environments.staging.scale = 0.5   fairway.yaml:7:43"]);
  expect(told("environments.staging.inherits")).toEqual([
    'environments.staging.inherits = "production"   fairway.yaml:7:24',
  ]);
});

test("addresses may have names, of which the first is what stands for all", async () => {
  const { loaded, told } = await project(
    "  production: { url: { frontend: https://example.app, backend: https://api.example.app } }\n  other: { url: https://o.example.app }\n",
  );
  expect(loaded.project.environments.map(({ url, urls }) => [url, urls])).toEqual([
    ["https://example.app", { frontend: "https://example.app", backend: "https://api.example.app" }],
    ["https://o.example.app", undefined],
  ]);
  expect(told("environments.production.url.backend")).toEqual([
    'environments.production.url.backend = "https://api.example.app"   fairway.yaml:7:64',
  ]);
});

test.each([
  ["  a: { scale: 0 }\n", "must be a number above 0, such as 0.5"],
  ["  a: { scale: half }\n", "must be a number above 0, such as 0.5"],
  ["  a: { url: { web: ftp://x } }\n", 'must be an address such as "https://shop.example.com"'],
])("%s is a problem with its place", async (environments, problem) => {
  const loaded = await load(environments);
  expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([expect.stringMatching(/^fairway\.yaml:7:/)]);
  expect(loaded.ok ? "" : loaded.problems.map(formatProblem).join()).toContain(problem);
});
