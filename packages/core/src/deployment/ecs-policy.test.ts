import { expect, test } from "vitest";
import type { EcsPlacement } from "./ecs-placement.ts";
import { ecsPolicy } from "./ecs-policy.ts";

const api: EcsPlacement = {
  region: "eu-central-1",
  account: "123456789012",
  profile: null,
  role: null,
  cluster: "shop",
  service: "api",
  family: "shop-api",
  container: null,
  alarms: [],
  codeDeploy: null,
  poll: 15_000,
};

test("each service is named, and nothing else may be changed", () => {
  const { Statement } = ecsPolicy([api, { ...api, service: "web", family: null }], null);
  const of = (action: string): readonly string[] =>
    Statement.filter(({ Action }) => Action.includes(action)).flatMap(({ Resource }) => Resource);
  expect(of("ecs:UpdateService")).toEqual([
    "arn:aws:ecs:eu-central-1:123456789012:service/shop/api",
    "arn:aws:ecs:eu-central-1:123456789012:service/shop/web",
  ]);
  expect(of("ecs:RegisterTaskDefinition")).toEqual([
    "arn:aws:ecs:eu-central-1:123456789012:task-definition/shop-api:*",
    "arn:aws:ecs:eu-central-1:123456789012:task-definition/*:*",
  ]);
  expect(Statement.some(({ Action }) => Action.includes("*") || Action.includes("ecs:*"))).toBe(false);
});

test("CodeDeploy is asked for only of what it moves, each group by its name", () => {
  const codeDeploy = { application: "shop", group: "shop-web", configuration: null, hooks: {} };
  const { Statement } = ecsPolicy([api, { ...api, service: "web", codeDeploy }], null);
  expect(Statement.find(({ Sid }) => Sid === "CodeDeploy")?.Resource).toEqual([
    "arn:aws:codedeploy:eu-central-1:123456789012:deploymentgroup:shop/shop-web",
  ]);
  expect(ecsPolicy([api], null).Statement.some(({ Sid }) => Sid.startsWith("CodeDeploy"))).toBe(false);
});

test("alarms and images are asked for only where there are any at AWS", () => {
  const actions = (...asked: Parameters<typeof ecsPolicy>): readonly string[] =>
    ecsPolicy(...asked).Statement.flatMap(({ Action }) => Action);
  expect(actions([api], "registry.example.com/shop")).not.toContain("ecr:DescribeImages");
  expect(actions([api], null)).not.toContain("cloudwatch:DescribeAlarms");
  expect(actions([{ ...api, alarms: ["5xx"] }], null)).toContain("cloudwatch:DescribeAlarms");
  const ecr = ecsPolicy([api], "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop");
  expect(ecr.Statement.find(({ Sid }) => Sid === "Images")?.Resource).toEqual([
    "arn:aws:ecr:eu-central-1:123456789012:repository/shop/*",
  ]);
});
