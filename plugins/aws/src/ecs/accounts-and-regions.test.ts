import type { Service } from "@aws-sdk/client-ecs";
import { moveToItsEnd, rolloutOf } from "@fairway/conformance";
import type { EcsPlacement, ReleaseId, RollingOptions, Target } from "@fairway/core";
import { codeOf } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { digestForTests as digest } from "../../fixtures/digest.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, placementOn, region } from "../../fixtures/double.ts";
import { awsSession } from "../session/aws-session.ts";
import { ecsMemory, ecsTarget } from "./ecs-target.ts";

const half: RollingOptions = { name: "rolling", minimumHealthyPercent: 50, maximumPercent: 200 };
const r1 = "r1" as ReleaseId;
const [ours, theirs, elsewhere] = ["123456789012", "222222222222", "us-east-1"];

describe.skipIf(!needs("moto"))("environments in accounts and regions of their own", () => {
  let aws: AwsDouble;
  beforeAll(async () => {
    aws = await awsDouble();
    await aws.service("api", 2);
    const ecs = await awsSession(production).ecs();
    await ecs.createCluster({ clusterName: "shop" });
    await ecs.registerTaskDefinition({
      family: "api",
      containerDefinitions: [{ name: "web", image: "registry.example/first", memory: 64 }],
    });
    await ecs.createService({ cluster: "shop", serviceName: "api", taskDefinition: "api", desiredCount: 2 });
  });
  afterAll(() => aws.close());

  const staging = placementOn("api", { account: ours });
  const production = placementOn("api", {
    region: elsewhere,
    account: theirs,
    role: `arn:aws:iam::${theirs}:role/fairway`,
  });
  const targetOn = (placement: EcsPlacement): Target =>
    ecsTarget({
      placement,
      session: awsSession(placement),
      memory: ecsMemory(),
      imageOf: async (release) => ({ reference: `registry.example/web@${digest(release)}`, env: {} }),
    });
  const serviceOf = async (placement: EcsPlacement): Promise<Service | undefined> =>
    (await (await awsSession(placement).ecs()).describeServices({ cluster: "shop", services: ["api"] })).services?.[0];

  test("of two services of one name each is moved in its own, by the role that its environment names", async () => {
    const before = await serviceOf(staging);
    const world: Parameters<typeof moveToItsEnd>[0] = {
      target: targetOn(production),
      pass: () => aws.tick(),
      census: async () => ({ alive: 0, ready: 0 }),
      close: () => undefined,
    };
    expect(await moveToItsEnd(world, rolloutOf({ from: null, to: r1, desired: 2, strategy: half }))).toEqual({
      phase: "succeeded",
    });
    expect((await targetOn(production).observe()).get(r1)?.ready).toBe(2);
    expect((await serviceOf(production))?.taskDefinition).toMatch(
      new RegExp(`^arn:aws:ecs:${elsewhere}:${theirs}:task-definition/`, "u"),
    );
    expect((await targetOn(staging).observe()).has(r1)).toBe(false);
    expect((await serviceOf(staging))?.taskDefinition).toBe(before?.taskDefinition);
    const { Arn } = await (await awsSession(production).sts()).getCallerIdentity({});
    expect(Arn).toBe(`arn:aws:sts::${theirs}:assumed-role/fairway/fairway`);
  });

  test("without its role, or in another region, nothing of it is touched", async () => {
    const before = await serviceOf(production);
    const without = targetOn({ ...production, role: null })
      .observe()
      .catch((thrown: unknown) => thrown);
    expect(await without).toMatchObject({
      code: "denied",
      message: expect.stringContaining(`of account ${ours}, not of ${theirs}`),
      hint: expect.stringContaining("`role`"),
    });
    const wrong: unknown = await targetOn({ ...production, region })
      .observe()
      .catch((thrown: unknown) => thrown);
    expect(codeOf(wrong)).toBe("not_found");
    expect(await serviceOf(production)).toEqual(before);
  });
});
