import { expect, test } from "vitest";
import type { Project } from "../project/project.ts";
import { plannedInfrastructure } from "./planned-infrastructure.ts";

const placed = { workspace: null, variables: {}, varFiles: [], env: {}, backend: {} };
const stack = (
  name: string,
  environments: readonly string[],
  more: object = {},
): NonNullable<Project["infrastructure"]>[number] => ({
  name,
  folder: `infrastructure/${name}`,
  program: "tofu",
  after: [],
  environments: Object.fromEntries(environments.map((environment) => [environment, placed])),
  outputs: [],
  lockTimeout: 0,
  timeout: 0,
  preventDestroy: true,
  ignore: [],
  drift: [],
  owner: null,
  ...more,
});
const project: Project = {
  name: "shop",
  services: [],
  environments: [],
  infrastructure: [stack("network", ["staging", "production"]), stack("data", ["production"], { after: ["network"] })],
};
const production = { name: "production", approvals: 2 };

test("a deployment's plan names the stacks of its environment, before the services", () => {
  expect(plannedInfrastructure(project, production, { reason: "deploy" })).toEqual([
    {
      name: "network",
      program: "tofu",
      folder: "infrastructure/network",
      after: [],
      approvals: 2,
      phase: "before-services",
    },
    {
      name: "data",
      program: "tofu",
      folder: "infrastructure/data",
      after: ["network"],
      approvals: 2,
      phase: "before-services",
    },
  ]);
  expect(plannedInfrastructure(project, { name: "staging", approvals: 0 }, { reason: "deploy" })).toHaveLength(1);
});

test("a way back changes them once the services are back, and one of single services not at all", () => {
  expect(plannedInfrastructure(project, production, { reason: "rollback" })).toMatchObject([
    { approvals: 0, phase: "after-services" },
    { approvals: 0, phase: "after-services" },
  ]);
  expect(plannedInfrastructure(project, production, { reason: "rollback", only: ["web"] })).toEqual([]);
});
