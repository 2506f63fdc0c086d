import { expect, test } from "vitest";
import { releaseId } from "../ids.ts";
import { staticServerProgram } from "../project/static-site.ts";
import type { ReleaseManifest } from "../release/manifest.ts";
import type { Release } from "../release/release.ts";
import type { DeploymentPlan } from "./plan.ts";
import type { RollbackFacts } from "./rollback.ts";
import { planRollback } from "./rollback.ts";

const manifest: ReleaseManifest = {
  version: 1,
  sha: "",
  configuration: "c",
  artifacts: {},
  migrations: {},
  infrastructure: null,
  contracts: {},
  flags: null,
  secrets: {},
};

const release = (number: number, over: Partial<ReleaseManifest> = {}): Release =>
  ({
    id: releaseId(number),
    manifest: { ...manifest, ...over },
    project: {
      services: [
        { name: "api", run: ["node"] },
        { name: "web", run: [staticServerProgram] },
      ],
    },
  }) as unknown as Release;

const plan = {
  rollouts: [
    { service: "web", replicas: 1, after: [] },
    { service: "api", replicas: 2, after: ["web"] },
  ],
} as unknown as DeploymentPlan;

const facts = (over: Partial<RollbackFacts> = {}): RollbackFacts => ({
  plan,
  from: release(2),
  to: release(1),
  ready: new Map([
    ["web", 1],
    ["api", 1],
  ]),
  expected: (_service, way) => (way === "flip" ? 300 : 4_000),
  verdict: () => null,
  ...over,
});

test("a service whose old replicas are all ready is flipped, another is redeployed; the time is that of the longest chain", () => {
  expect(planRollback(facts())).toEqual({
    parts: [
      { name: "web", kind: "static", way: "flip", expected: 300, note: null },
      { name: "api", kind: "service", way: "redeploy", expected: 4_000, note: null },
    ],
    expected: 4_300,
    refused: [],
  });
});

test("what nobody could look at is redeployed and says why; without a history nobody knows how long it takes", () => {
  const back = planRollback(facts({ ready: new Map([["web", { unknown: "no answer" }]]), expected: () => null }));
  expect(back.parts.map(({ way, note }) => [way, note])).toEqual([
    ["redeploy", "could not look at what runs: no answer"],
    ["redeploy", null],
  ]);
  expect(back.expected).toBeNull();
});

test("other parts are told of only where they differ and somebody looks after them", () => {
  const from = release(2, { migrations: { api: "m2" }, flags: "f2", infrastructure: "i1" });
  const to = release(1, { migrations: { api: "m1" }, flags: "f1", infrastructure: "i1" });
  expect(planRollback(facts({ from, to })).parts).toHaveLength(2);
  const asked: string[] = [];
  const back = planRollback(
    facts({
      from,
      to,
      verdict: ({ kind, name }) => {
        asked.push(`${kind} ${name}`);
        return kind === "flags"
          ? { way: "flip", expected: 10, note: "as they stood" }
          : { way: "irreversible", expected: null, note: "stays", refused: "the old files cannot run on it" };
      },
    }),
  );
  expect(asked).toEqual(["flags flags", "database api"]);
  expect(back.parts.map(({ name, way }) => `${name} ${way}`)).toEqual([
    "flags flip",
    "web flip",
    "api redeploy",
    "api irreversible",
  ]);
  expect(back.refused).toEqual(["the old files cannot run on it"]);
  expect(back.expected).toBeNull();
});

test("single services take only their own database along", () => {
  const from = release(2, { migrations: { api: "m2", web: "w2" }, flags: "f2" });
  const asked: string[] = [];
  planRollback(
    facts({
      from,
      plan: { ...plan, only: ["api"] },
      verdict: ({ kind, name }) => {
        asked.push(`${kind} ${name}`);
        return null;
      },
    }),
  );
  expect(asked).toEqual(["database api"]);
});
