import { expect, test } from "vitest";
import type { AwsAccess, BalancerPlacement } from "../environment/environment-aws.ts";
import type { Environment, Placement } from "../project/project.ts";
import type { AwsConfigured } from "./aws-policy.ts";
import { awsPolicy } from "./aws-policy.ts";

const access: AwsAccess = { region: "eu-central-1", account: "123456789012", profile: null, role: null };
const environment = (over: Partial<Environment> = {}): Environment => ({
  ...{ name: "production", purpose: null, url: null, deploys: "on-request", promotesFrom: null, approvals: 0 },
  ...{ deadline: 1, variables: {}, verify: [], placements: [] },
  ...over,
});
const placement = (over: Partial<Placement>): Placement => ({
  ...{ service: "web", replicas: 1, env: {}, routes: [] },
  strategy: { name: "recreate" },
  ...over,
});
const policy = (over: Partial<AwsConfigured>): Readonly<Record<string, readonly (readonly string[])[]>> => {
  const configured = { environments: [], registry: null, backups: [], rotations: [], ...over };
  const { Statement } = awsPolicy(configured);
  expect(new Set(Statement.map(({ Sid }) => Sid)).size).toBe(Statement.length);
  expect(
    Statement.every(({ Sid, Action }) => /^\w+$/u.test(Sid) && !Action.some((action) => action.includes("*"))),
  ).toBe(true);
  return Object.fromEntries(Statement.map(({ Sid, Action, Resource }) => [Sid, [Action, Resource]]));
};

test("nothing is asked for where nothing is configured", () => {
  expect(policy({ environments: [environment()], registry: "registry.example/shop" })).toEqual({});
});

test("a load balancer is asked for by its listener, its own groups and its table", () => {
  const balancer: BalancerPlacement = {
    access,
    listener: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/1/2",
    vpc: "vpc-1",
    address: "10.0.1.12",
    tables: { bucket: "tables", prefix: "fairway/" },
  };
  const said = policy({ environments: [environment({ placements: [placement({ balancer })] })] });
  expect(said["BalancerRules"]?.[1]).toEqual([
    "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/shop/1/2/*",
  ]);
  expect(said["BalancerGroups"]?.[1]).toEqual([
    "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/fw-*/*",
  ]);
  expect(said["BalancerTables"]?.[1]).toEqual(["arn:aws:s3:::tables/fairway/*"]);
  expect(said["BalancerTableNames"]?.[1]).toEqual(["arn:aws:s3:::tables"]);
});

test("checks, analyses, dashboards and archives bring what they need, each once", () => {
  const verify = [
    { asks: "alarms", access, alarms: ["5xx"] } as const,
    { asks: "canary", access, canary: "shop" } as const,
  ].map((platform) => ({
    ...{ name: platform.asks, kind: platform.asks, platform },
    ...{ argv: ["fairway-check"] as const, directory: ".", timeout: 1, env: {} },
  }));
  const archive = { bucket: "evidence", prefix: "shop/", hold: { mode: "compliance", days: 1 } } as const;
  const said = policy({ environments: [environment({ verify, aws: { access, dashboards: true, archive } })] });
  expect(Object.keys(said).toSorted()).toEqual([
    ...["Alarms", "Archive", "ArchiveBuckets", "ArchiveHold", "Numbers", "WhatTheyMay", "WhoIsThere"],
  ]);
  expect(said["ArchiveHold"]).toEqual([["s3:PutObjectRetention"], ["arn:aws:s3:::evidence/shop/*"]]);
});

test("backups that are only watched are only read, and keys are exchanged by their names", () => {
  const backup = {
    ...{ name: "db", environment: "production", rpo: 1, region: "eu-central-1", vault: "shop" },
    ...{ resource: "arn:aws:rds:x", role: "arn:aws:iam::123456789012:role/backup", restoreTest: "weekly" },
    driver: "aws-backup",
  } as const;
  const rotation = {
    kind: "rotation",
    driver: "aws-secrets-manager",
    access,
    secret: "shop/db",
    consumed: true,
  } as const;
  const said = policy({ environments: [environment()], backups: [{ ...backup, watch: true }], rotations: [rotation] });
  expect(Object.keys(said).toSorted()).toEqual(["Backups", "RestoreTests", "Rotations"]);
  expect(said["Rotations"]?.[1]).toEqual(["arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/db-*"]);
  const verify = { argv: ["sh"], secrets: {}, timeout: 1 } as const;
  const programs = { create: ["make"], revoke: ["take"] } as const;
  expect(policy({ rotations: [{ ...rotation, verify, programs }] })).toMatchObject({
    OwnRotations: [expect.arrayContaining(["secretsmanager:PutSecretValue"]), [expect.stringContaining("shop/db-*")]],
    TriedRotations: [["secretsmanager:GetSecretValue"], [expect.stringContaining("shop/db-*")]],
  });
  const made = policy({ environments: [environment()], backups: [backup] });
  expect(made["BackupsMade"]?.[1]).toEqual(["arn:aws:backup:eu-central-1:123456789012:backup-vault:shop"]);
  expect(made["RolesOfBackups"]?.[1]).toEqual([backup.role]);
  const kept = policy({
    environments: [environment()],
    backups: [
      {
        ...backup,
        plan: { schedule: "rate(1 day)", keepDays: 35, copyKeepDays: 35 },
        restoreTest: { schedule: "rate(7 days)", resourceType: "RDS", validateHours: 4 },
      },
    ],
  });
  expect(kept["BackupPlans"]?.[1]).toEqual(["arn:aws:backup:eu-central-1:123456789012:backup-plan:*"]);
  expect(kept["RestoreTestPlans"]?.[1]).toEqual([
    "arn:aws:backup:eu-central-1:123456789012:restore-testing-plan:fairway_*",
  ]);
});
