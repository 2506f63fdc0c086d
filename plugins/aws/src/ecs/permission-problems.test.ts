import type { EcsPlacement, ReleaseId, Rollout, Target } from "@fairway/core";
import { plainFacts } from "@fairway/core";
import { rolloutOf } from "@fairway/conformance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { digestForTests } from "../../fixtures/digest.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble } from "../../fixtures/double.ts";
import { neededPermissions, principalOf } from "../iam/needed-permissions.ts";
import type { SimulatedIam } from "../../fixtures/simulated-iam.ts";
import { simulatedIam } from "../../fixtures/simulated-iam.ts";
import { awsSession } from "../session/aws-session.ts";
import { ecsMemory, ecsTarget } from "./ecs-target.ts";

const strategy: Rollout["strategy"] = { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 };
const rollout = rolloutOf({ from: null, to: "r1" as ReleaseId, desired: 2, strategy });

test("a caller's policies are those of the user, or of the role that it took on", () => {
  expect(principalOf("arn:aws:sts::123456789012:assumed-role/fairway/session")).toBe(
    "arn:aws:iam::123456789012:role/fairway",
  );
  expect(principalOf("arn:aws:iam::123456789012:user/ci")).toBe("arn:aws:iam::123456789012:user/ci");
  expect(principalOf("arn:aws:iam::123456789012:root")).toBeNull();
});

describe.skipIf(!needs("moto"))("what credentials may not do", () => {
  let aws: AwsDouble;
  let iam: SimulatedIam;
  let place: EcsPlacement;
  beforeAll(async () => {
    aws = await awsDouble();
    iam = await simulatedIam();
    place = { ...(await aws.service("permitted", 2)), account: "123456789012" };
  });
  afterAll(async () => {
    delete process.env["AWS_ENDPOINT_URL_IAM"];
    delete process.env["AWS_ENDPOINT_URL_STS"];
    await iam?.close();
    await aws?.close();
  });
  function target(memory = ecsMemory()): Target {
    process.env["AWS_ENDPOINT_URL_IAM"] = iam.url;
    process.env["AWS_ENDPOINT_URL_STS"] = iam.url;
    return ecsTarget({
      placement: place,
      session: awsSession(place, { attempts: 1 }),
      memory,
      imageOf: () => Promise.resolve({ reference: `registry.example/web@${digestForTests("r1")}`, env: {} }),
    });
  }

  test("is told before anything is changed, each with the line of the policy", async () => {
    const before = await aws.effects();
    iam.allowAll();
    expect(await target().preflight?.(rollout)).toEqual({ refusals: [], warnings: [] });
    iam.deny("ecs:UpdateService", "ecs:RegisterTaskDefinition");
    expect(await target().preflight?.(rollout)).toEqual({
      refusals: [
        expect.stringMatching(
          /^arn:aws:sts::123456789012:\S+ may not ecs:UpdateService on arn:aws:ecs:eu-central-1:123456789012:service\/shop\/permitted: add \{"Effect":"Allow","Action":"ecs:UpdateService","Resource":"arn:aws:ecs:eu-central-1:123456789012:service\/shop\/permitted"\} to its policy$/u,
        ),
        expect.stringMatching(
          /may not ecs:RegisterTaskDefinition on arn:aws:ecs:eu-central-1:123456789012:task-definition\/permitted:\*: add /u,
        ),
      ],
      warnings: [],
    });
    // A network or a tag that only the call itself brings is held against nobody.
    iam.denyWithoutContext("ecs:UpdateService");
    expect(await target().preflight?.(rollout)).toEqual({ refusals: [], warnings: [] });
    expect(await aws.effects()).toEqual(before);
  });

  test("is not known where they may not ask that, which keeps nobody from deploying and is asked once an hour", async () => {
    iam.refuse();
    const memory = ecsMemory();
    const asked = iam.asked();
    const again = target(memory);
    for (let looks = 0; looks < 2; looks++)
      expect(await again.preflight?.(rollout)).toEqual({
        refusals: [],
        warnings: [
          expect.stringMatching(
            /^whether its credentials may do all of it is not known: iam:SimulatePrincipalPolicy /u,
          ),
        ],
      });
    expect(iam.asked() - asked).toBe(1);
    expect(await again.advance(rollout, plainFacts)).toMatchObject({ phase: "moving" });
  });

  test("is asked of the very roles, account and family, by the table of the policy", () => {
    const found = neededPermissions(place, {
      account: "123456789012",
      family: "permitted",
      definition: { taskRoleArn: "arn:aws:iam::123456789012:role/task", executionRoleArn: undefined },
    });
    expect(found).toContainEqual({ action: "iam:PassRole", resource: "arn:aws:iam::123456789012:role/task" });
    expect(found.filter(({ resource }) => resource === "*").map(({ action }) => action)).toEqual([
      "ecs:DescribeTaskDefinition",
    ]);
  });
});
