import { expect, test } from "vitest";
import { releaseId } from "../ids.ts";
import type { Environment, Placement, Project, Service } from "../project/project.ts";
import type { Release } from "../release/release.ts";
import type { PlanFacts } from "./plan.ts";
import { planDeployment } from "./plan.ts";
import { defaultHealth } from "./replica-host.ts";
import { defaultRolling } from "./strategies/rolling.ts";

const service = (name: string, dependsOn: readonly string[] = [], run: Service["run"] = ["serve"]): Service => ({
  name,
  path: name,
  dependsOn,
  requires: [],
  prepare: [],
  checks: [],
  build: { commands: [], output: ".", inputs: [] },
  run,
  health: defaultHealth,
  stop: { drain: 0, grace: 0 },
  database: false,
  env: {},
  replicas: 2,
  strategy: defaultRolling,
});

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

test("only what was verified before may come, but a way back is never blocked and asks nobody", () => {
  expect(planDeployment(facts({ verifiedIn: [] })).obstacles).toEqual([
    "production takes only what staging has verified, and r2 is not verified there",
  ]);
  expect(planDeployment(facts({ verifiedIn: [], reason: "rollback" }))).toMatchObject({ obstacles: [], approvals: 0 });
});

test("an unknown environment, an empty release and impossible bounds are obstacles, each a sentence", () => {
  expect(planDeployment(facts({ environment: "qa" })).obstacles).toEqual([
    'release r2 knows no environment "qa"; it knows staging, production',
  ]);
  expect(planDeployment(facts({ release: release(4, {}, services) })).obstacles).toEqual([
    "release r4 has nothing to run in production",
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
