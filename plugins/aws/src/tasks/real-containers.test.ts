import { createHash } from "node:crypto";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { ECR } from "@aws-sdk/client-ecr";
import { ECS } from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { containerBase } from "../../../../tools/container-base.mjs";
import { needs } from "../../../../tools/skips.ts";
import { placementOn, region } from "../../fixtures/double.ts";
import type { Ministack } from "../../fixtures/ministack.ts";
import { ministack } from "../../fixtures/ministack.ts";
import { isInEcr } from "../ecs/ecr-image.ts";
import { awsSession } from "../session/aws-session.ts";
import { oneOffMemory } from "./asked-task.ts";
import type { OneOffProgress } from "./one-off-task.ts";
import { advanceOneOff } from "./one-off-task.ts";

/** Pushes an image of one small layer as every client does, and answers with its digest. */
async function pushTiny(repository: string): Promise<string> {
  const headers = { authorization: `Basic ${Buffer.from("AWS:ministack-auth-token").toString("base64")}` };
  const blob = async (content: string): Promise<object> => {
    const opened = await fetch(`${repository}/blobs/uploads/`, { method: "POST", headers });
    const at = new URL(opened.headers.get("location") ?? "", repository);
    at.searchParams.set("digest", sha256(content));
    const put = await fetch(at, { method: "PUT", headers, body: content });
    expect(put.status).toBe(201);
    return { digest: sha256(content), size: content.length };
  };
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...(await blob("{}")) },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", ...(await blob("a layer")) }],
  });
  const type = { "content-type": "application/vnd.oci.image.manifest.v1+json" };
  const put = await fetch(`${repository}/manifests/r1`, {
    method: "PUT",
    headers: { ...headers, ...type },
    body: manifest,
  });
  expect(put.status).toBe(201);
  return sha256(manifest);
}

const sha256 = (content: string): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;

describe.skipIf(!needs("ministack", "podman"))("tasks that are real containers", () => {
  let aws: Ministack;
  let ecs: ECS;
  let image = "";
  let count = 0;
  beforeAll(async () => {
    image = containerBase();
    aws = await ministack();
    ecs = new ECS({ region });
    await ecs.createCluster({ clusterName: "shop" });
    const logs = new CloudWatchLogs({ region });
    await logs.createLogGroup({ logGroupName: "/shop" });
    logs.destroy();
    await ecs.registerTaskDefinition({
      family: "api",
      containerDefinitions: [
        {
          name: "web",
          image,
          memory: 64,
          command: ["true"],
          environment: [{ name: "KEPT", value: "as it is" }],
          logConfiguration: {
            logDriver: "awslogs",
            options: { "awslogs-group": "/shop", "awslogs-region": region, "awslogs-stream-prefix": "api" },
          },
        },
      ],
    });
    await ecs.createService({
      cluster: "shop",
      serviceName: "api",
      taskDefinition: "api",
      desiredCount: 0,
      launchType: "FARGATE",
    });
  }, 120_000);
  afterAll(async () => {
    ecs?.destroy();
    await aws?.close();
  });

  /** As a daemon does it that knows nothing at each look. */
  async function ended(...command: readonly string[]): Promise<OneOffProgress> {
    const placement = placementOn("api");
    const key = `R${++count}/api`;
    for (;;) {
      const progress = await advanceOneOff(
        { placement, session: awsSession(placement), memory: oneOffMemory() },
        { key, command, image, env: { GIT_SHA: "c0ffee" }, within: 100_000 },
      );
      if (progress.is !== "running") return progress;
    }
  }

  test("a command that ends well has succeeded, with the release's variables and the team's", async () => {
    expect(await ended("sh", "-c", 'test "$GIT_SHA" = c0ffee && test "$KEPT" = "as it is"')).toEqual({
      is: "succeeded",
    });
  }, 120_000);

  test("the exit code of one that does not is told as its own", async () => {
    const progress = await ended("sh", "-c", "echo the table is locked; exit 42");
    expect(progress).toMatchObject({ is: "failed", reason: expect.stringContaining("42") });
  }, 120_000);

  test("an image that was pushed to its registry is found by the digest that was pushed", async () => {
    const ecr = new ECR({ region });
    await ecr.createRepository({ repositoryName: "shop/web" });
    const pushed = await pushTiny(`${aws.url}/v2/shop/web`);
    const { imageDetails: [found] = [] } = await ecr.describeImages({ repositoryName: "shop/web" });
    ecr.destroy();
    const at = (digest: string): string => `123456789012.dkr.ecr.${region}.amazonaws.com/shop/web@${digest}`;
    const session = awsSession({ region, account: null, profile: null, role: null });
    expect(found?.imageDigest).toBe(pushed);
    expect(await isInEcr(session, at(pushed))).toBe(true);
    expect(await isInEcr(session, at(`sha256:${"0".repeat(64)}`))).toBe(false);
  }, 120_000);
});
