import { rolloutOf } from "@fairway/conformance";
import type { EcsPlacement, ReleaseId, Rollout, Target } from "@fairway/core";
import { codeOf, plainFacts } from "@fairway/core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { digestForTests } from "../../fixtures/digest.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble } from "../../fixtures/double.ts";
import type { SpoiledAnswer } from "../../fixtures/spoiled-aws.ts";
import { awsAnswer, spoiledAws } from "../../fixtures/spoiled-aws.ts";
import { awsSession } from "../session/aws-session.ts";
import { ecsMemory, ecsTarget } from "./ecs-target.ts";

const strategy: Rollout["strategy"] = { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 };
const inEcr = `123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/web@sha256:${"0".repeat(64)}`;

describe.skipIf(!needs("moto"))("a deployment to ECS with something wrong at AWS", () => {
  let aws: AwsDouble;
  let proxy: Awaited<ReturnType<typeof spoiledAws>>;
  let place: EcsPlacement;
  let count = 0;
  beforeAll(async () => {
    aws = await awsDouble();
    proxy = await spoiledAws(aws.url);
  });
  afterAll(async () => {
    await proxy?.close();
    await aws?.close();
  });
  beforeEach(async () => {
    proxy.spoil(null);
    place = await aws.service(`bad-${++count}`, 2);
  });

  function targetOn(placement: EcsPlacement, reference = `registry.example/web@${digestForTests("r1")}`): Target {
    process.env["AWS_ENDPOINT_URL"] = proxy.url;
    return ecsTarget({
      placement,
      session: awsSession(placement, { attempts: 1 }),
      memory: ecsMemory(),
      imageOf: () => Promise.resolve({ reference, env: {} }),
    });
  }
  const rollout = rolloutOf({ from: null, to: "r1" as ReleaseId, desired: 2, strategy });
  /**
   * What a deployment changes, but for the tag that says who holds the service: what was asked for, what is registered, and
   * what runs.
   */
  const world = async (): Promise<unknown> => {
    const { taskDefinitionArns } = await aws.ecs.listTaskDefinitions({ familyPrefix: place.service });
    return [await aws.effects(), await aws.census(), taskDefinitionArns];
  };

  test.each<[string, string, SpoiledAnswer, string, RegExp, RegExp]>([
    [
      "expired credentials",
      "DescribeServices",
      awsAnswer("ExpiredTokenException", "The security token included in the request is expired"),
      "denied",
      /^ecs:DescribeServices in eu-central-1: the credentials of the daemon have expired/u,
      /^give the daemon new credentials$/u,
    ],
    [
      "a permission to look that is missing",
      "DescribeTaskDefinition",
      awsAnswer(
        "AccessDeniedException",
        "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ecs:DescribeTaskDefinition because no identity-based policy allows the ecs:DescribeTaskDefinition action",
      ),
      "denied",
      /^ecs:DescribeTaskDefinition in eu-central-1: User: .* is not authorized/u,
      /^allow ecs:DescribeTaskDefinition: add \{"Effect":"Allow","Action":"ecs:DescribeTaskDefinition","Resource":"\*"\}/u,
    ],
    [
      "a permission to change that is missing",
      "RegisterTaskDefinition",
      awsAnswer(
        "AccessDeniedException",
        `User: arn:aws:iam::123456789012:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/task because no identity-based policy allows the iam:PassRole action`,
      ),
      "denied",
      /^ecs:RegisterTaskDefinition in eu-central-1: /u,
      /^allow iam:PassRole: add \{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::123456789012:role\/task"\}/u,
    ],
    [
      "a service that was deleted while it was looked at",
      "TagResource",
      awsAnswer("ServiceNotActiveException", "Service was not ACTIVE."),
      "not_found",
      /^ecs:TagResource in eu-central-1: Service was not ACTIVE/u,
      /^check its name, the region \(eu-central-1\) and the account$/u,
    ],
    [
      "a task definition that was deleted",
      "DescribeTaskDefinition",
      awsAnswer("ClientException", "Unable to describe task definition."),
      "not_found",
      /the task definition was deregistered or deleted/u,
      /^deploy again, which registers it anew/u,
    ],
    [
      "a quota",
      "RegisterTaskDefinition",
      awsAnswer("LimitExceededException", "The limit for the resource has been exceeded."),
      "not_allowed_now",
      /^ecs:RegisterTaskDefinition in eu-central-1: a quota is reached/u,
      /^ask for more in the console of Service Quotas/u,
    ],
    [
      "a clock that goes wrong",
      "DescribeServices",
      awsAnswer(
        "InvalidSignatureException",
        "Signature expired: 20261122T170000Z is now earlier than 20261122T172000Z",
        403,
      ),
      "denied",
      /the clock of this machine is not AWS's/u,
      /^set the clock of the machine that the daemon runs on/u,
    ],
    [
      "an emulator's page of HTML",
      "RegisterTaskDefinition",
      { status: 500, type: "text/html", body: "<!doctype html><title>500 Internal Server Error</title>" },
      "target_unreachable",
      /^ecs:RegisterTaskDefinition in eu-central-1: what answered 500 is not AWS/u,
      /an emulator answers so what it does not know$/u,
    ],
    [
      "an answer that the SDK cannot read",
      "DescribeServices",
      { status: 200, type: "application/x-amz-json-1.1", body: '{"services": [{"serviceN' },
      "target_unreachable",
      /what answered(?: 200)? is not AWS/u,
      /^look at AWS_ENDPOINT_URL and at the proxy/u,
    ],
  ])("%s: it says so, with what to do, and nothing is changed", async (_, operation, answer, code, message, hint) => {
    const before = await world();
    proxy.spoil(operation, answer);
    const target = targetOn(place);
    // As the engine does: what stands in the way of it is asked before it is begun.
    const caught: unknown = await (async () => {
      await target.preflight?.(rollout);
      return target.advance({ ...rollout, token: { ...rollout.token, epoch: 1 } }, plainFacts);
    })().catch((thrown: unknown) => thrown);
    expect(codeOf(caught)).toBe(code);
    expect(caught).toMatchObject({ message: expect.stringMatching(message), hint: expect.stringMatching(hint) });
    expect(proxy.asked).not.toContain("UpdateService");
    proxy.spoil(null);
    expect(await world()).toEqual(before);
  });

  test("another region, a deleted service and an image that is gone are refused before anything begins", async () => {
    const before = await world();
    await expect(targetOn({ ...place, region: "eu-west-1" }).preflight?.(rollout)).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringMatching(/^ecs:DescribeServices in eu-west-1: Cluster not found/u),
      hint: "check its name, the region (eu-west-1) and the account",
    });
    expect(await targetOn(place, inEcr).preflight?.(rollout)).toMatchObject({
      refusals: ["the image of the release is not in its registry any more; build the release again"],
    });
    expect(await targetOn(place, inEcr).advance(rollout, plainFacts)).toMatchObject({ phase: "failed" });
    expect(await world()).toEqual(before);
    await aws.ecs.deleteService({ cluster: "shop", service: place.service, force: true });
    const gone = await world();
    expect(await targetOn(place).preflight?.(rollout)).toMatchObject({
      refusals: [
        expect.stringMatching(/^(?:service bad-\d+ of cluster shop is \w+: it was deleted|there is no service)/u),
      ],
    });
    expect(await world()).toEqual(gone);
  });

  test("a task definition that was deregistered is told, and no reason not to deploy", async () => {
    const { services: [found] = [] } = await aws.ecs.describeServices({ cluster: "shop", services: [place.service] });
    await aws.ecs.deregisterTaskDefinition({ taskDefinition: found?.taskDefinition });
    expect(await targetOn(place).preflight?.(rollout)).toMatchObject({
      refusals: [],
      warnings: expect.arrayContaining([
        expect.stringMatching(/^bad-\d+:1 was deregistered; a way back registers it again$/u),
      ]),
    });
  });
});
