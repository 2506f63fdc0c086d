import { plainService } from "@fairway/conformance";
import { expect, test } from "vitest";
import type { RunId } from "../ids.ts";
import { releaseId } from "../ids.ts";
import type { Environment, Placement, Project, Service } from "../project/project.ts";
import type { Quarantine } from "../release/quarantine.ts";
import type { Release } from "../release/release.ts";
import type { PlanFacts } from "./plan.ts";
import { planDeployment } from "./plan.ts";
import { defaultCanary } from "./strategies/canary.ts";
import { leastTimeOf } from "./strategies/every-strategy.ts";
import { defaultRolling } from "./strategies/rolling.ts";

const service = (name: string, dependsOn: readonly string[] = [], run: Service["run"] = ["serve"]): Service =>
  plainService(name, { dependsOn, run, replicas: 2 });

const placement = (name: string): Placement => ({
  service: name,
  replicas: 2,
  strategy: defaultRolling,
  env: {},
  routes: [],
});

const environment = (
  name: string,
  services: readonly Service[],
  promotesFrom: string | null,
  approvals: number,
): Environment => ({
  name,
  purpose: null,
  url: null,
  deploys: "on-request",
  promotesFrom,
  approvals,
  deadline: 60_000,
  variables: {},
  verify: [],
  placements: services.map((each) => placement(each.name)),
});

function release(number: number, artifacts: Readonly<Record<string, string>>, services: readonly Service[]): Release {
  const project: Project = {
    name: "shop",
    services,
    environments: [environment("staging", services, null, 0), environment("production", services, "staging", 1)],
  };
  return {
    id: releaseId(number),
    digest: `sha256:${number}`,
    revision: { sha: "0".repeat(40), short: "0000000", subject: "", author: "", committedAt: "", ref: null },
    project,
    parts: Object.entries(artifacts).map(([name, artifact]) => ({
      service: name,
      artifact,
      inputs: "i",
      takenFrom: null,
    })),
    leftOut: [],
    createdAt: "",
  };
}

const services = [service("api"), service("web", ["api"])];
const first = release(1, { api: "a1", web: "w1" }, services);
const second = release(2, { api: "a2", web: "w1" }, services);
const third = release(3, { api: "a3", web: "w1" }, services);
const back = (changes: Partial<PlanFacts>): PlanFacts =>
  facts({ reason: "rollback", verifiedIn: ["production"], ...changes });
const facts = (changes: Partial<PlanFacts>): PlanFacts => ({
  release: second,
  running: first,
  environment: "production",
  reason: "promotion",
  verifiedIn: ["staging"],
  quarantine: null,
  ...changes,
});

test("it replaces where the bytes change, restarts where only the name does, and starts where nothing ran", () => {
  const plan = planDeployment(facts({}));
  expect(plan.rollouts.map(({ service: name, action, from }) => [name, action, from])).toEqual([
    ["api", "replace", "r1"],
    ["web", "restart", "r1"],
  ]);
  expect(planDeployment(facts({ running: null })).rollouts.map(({ action, from }) => [action, from])).toEqual([
    ["start", null],
    ["start", null],
  ]);
  expect(plan.obstacles).toEqual([]);
  expect(plan.approvals).toBe(1);
});

test("a service comes after those of the plan that it depends on", () => {
  expect(planDeployment(facts({})).rollouts.map(({ after }) => after)).toEqual([[], ["api"]]);
  const alone = release(3, { web: "w3" }, services);
  expect(planDeployment(facts({ release: alone })).rollouts).toMatchObject([{ service: "web", after: [] }]);
});

test("what runs and is no longer part of the release is retired, but nothing that never ran", () => {
  const smaller = release(3, { web: "w3" }, [service("web")]);
  expect(planDeployment(facts({ release: smaller })).retired).toEqual(["api"]);
  const withLibrary = release(1, { api: "a1", web: "w1", library: "l1" }, [...services, service("library", [], null)]);
  expect(planDeployment(facts({ running: withLibrary })).retired).toEqual([]);
});

test("what an environment leaves to others is not retired there, and starts where it comes to be placed", () => {
  const everywhere = release(2, { api: "a1", web: "w1" }, services);
  const environments = everywhere.project.environments.map((one) =>
    one.name === "production" ? { ...one, placements: [placement("web")] } : one,
  );
  const running = { ...everywhere, id: releaseId(1), project: { ...everywhere.project, environments } };
  const same = planDeployment(facts({ release: { ...running, id: releaseId(3) }, running }));
  expect([same.rollouts.map(({ service: name }) => name), same.retired]).toEqual([["web"], []]);
  const placed = planDeployment(facts({ release: everywhere, running }));
  expect(placed.rollouts.map(({ service: name, action, from }) => [name, action, from])).toEqual([
    ["api", "start", null],
    ["web", "restart", "r1"],
  ]);
  expect(planDeployment(facts({ release: running, running: everywhere })).retired).toEqual(["api"]);
});

test("only what was verified before may come, but a way back is never blocked and asks nobody", () => {
  expect(planDeployment(facts({ verifiedIn: [] })).obstacles).toEqual([
    "production takes only what staging has verified, and r2 is not verified there",
  ]);
  expect(planDeployment(back({ release: first, running: second }))).toMatchObject({ obstacles: [], approvals: 0 });
});

test("what has lost its word says which check took it, when, and what gives it back", () => {
  const lost = { environment: "staging", run: "run-7" as RunId, at: "2026-05-04T03:02:01.000Z" };
  const because = (why: string, environment = "staging"): readonly string[] =>
    planDeployment(facts({ verifiedIn: [], lostIn: [{ ...lost, environment, why }] })).obstacles;
  expect(because("shop: Front: greets failed")).toEqual([
    "production takes only what staging has verified, and r2 is not verified there any more: since 2026-05-04 03:02 UTC its check says no (run-7): shop: Front: greets failed; once it is well again: fairway verify staging",
  ]);
  expect(because("one: no\ntwo: no")[0]).toContain("one: no, and 1 more;");
  expect(because("no".repeat(1000))[0]?.length).toBeLessThan(600);
  expect(because("elsewhere", "testing")).toEqual([
    "production takes only what staging has verified, and r2 is not verified there",
  ]);
});

test("a way back goes only to what was verified there, so that it is no way around the gates", () => {
  expect(planDeployment(back({ verifiedIn: ["staging"] })).obstacles).toEqual([
    "r2 was never verified in production: a way back goes only to what was",
  ]);
});

test("a way back goes in reverse: first whoever calls another, and without the pauses of its strategy", () => {
  const plan = planDeployment(back({ release: first, running: second }));
  expect(plan.rollouts.map(({ service: name, after }) => [name, after])).toEqual([
    ["web", []],
    ["api", ["web"]],
  ]);
});

test("a way back has no steps and no pauses, and asks nobody half-way", () => {
  const steps = [{ weight: 10, pause: "approval" as const }];
  const environments = first.project.environments.map((each) => ({
    ...each,
    placements: each.placements.map((one) => ({ ...one, strategy: { ...defaultCanary, steps } })),
  }));
  const slow = { ...first, project: { ...first.project, environments } };
  for (const { strategy } of planDeployment(back({ release: slow, running: second })).rollouts)
    expect([leastTimeOf(strategy), JSON.stringify(strategy).includes("approval")]).toEqual([0, false]);
});

test("what is in quarantine goes nowhere, neither forwards nor back", () => {
  const quarantine: Quarantine = {
    digest: second.digest,
    release: second.id,
    reason: "slow",
    by: "ada",
    at: "2026-11-21T10:20:30.000Z",
    cause: "person",
    run: null,
    environment: null,
  };
  const sentence = "r2 is in quarantine since 2026-11-21 10:20 UTC by ada: slow";
  expect(planDeployment(facts({ quarantine })).obstacles).toEqual([sentence]);
  expect(planDeployment(back({ quarantine })).obstacles).toEqual([sentence]);
});

test("of single services only they move, nothing is retired, and a name that the release does not run is an obstacle", () => {
  const plan = planDeployment(back({ release: first, running: second, only: ["web"] }));
  expect(plan).toMatchObject({ only: ["web"], retired: [], obstacles: [] });
  expect(plan.rollouts.map(({ service: name, after }) => [name, after])).toEqual([["web", []]]);
  const smaller = release(4, { api: "a2" }, services);
  expect(planDeployment(back({ release: first, running: smaller, only: ["web"] })).obstacles).toEqual([
    'release r4, which runs there, has no "web": go back with all of it',
  ]);
  expect(planDeployment(back({ only: ["moon"] })).obstacles).toEqual(['release r2 runs no "moon" in production']);
});

test("where services run another release the next deployment starts from what each runs", () => {
  const plan = planDeployment(facts({ release: third, running: second, mixed: new Map([["api", first]]) }));
  expect(plan.rollouts.map(({ service: name, action, from }) => [name, action, from])).toEqual([
    ["api", "replace", "r1"],
    ["web", "restart", "r2"],
  ]);
});

test("an unknown environment, an empty release and impossible bounds are obstacles, each a sentence", () => {
  expect(planDeployment(facts({ environment: "qa" })).obstacles).toEqual([
    'release r2 knows no environment "qa"; it knows staging, production',
  ]);
  expect(planDeployment(facts({ release: release(4, {}, services) })).obstacles).toEqual([
    "release r4 has nothing to run in production",
  ]);
  const leftOut = [{ service: "api", reason: "poetry not found on this machine" }];
  expect(planDeployment(facts({ release: { ...release(4, {}, services), leftOut } })).obstacles).toEqual([
    "release r4 has nothing to run in production: api was left out (poetry not found on this machine)",
  ]);
  const stiff = services.map((each) => ({ ...each, replicas: 1 }));
  const stuck = release(5, { api: "a5" }, stiff);
  const tight = { ...defaultRolling, maximumPercent: 150 };
  const environments = stuck.project.environments.map((each) => ({
    ...each,
    placements: each.placements.map((one) => ({ ...one, replicas: 1, strategy: tight })),
  }));
  const plan = planDeployment(facts({ release: { ...stuck, project: { ...stuck.project, environments } } }));
  expect(plan.obstacles).toEqual([
    expect.stringMatching(/^api: at 1 replica these bounds allow neither a start nor a stop/),
  ]);
});

test("the same facts give the same plan, which is what an approval is bound to", () => {
  expect(planDeployment(facts({}))).toEqual(planDeployment(structuredClone(facts({}))));
});
