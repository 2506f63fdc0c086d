import { moveToItsEnd, rolloutOf } from "@fairway/conformance";
import type { EcsPlacement, Progress, ReleaseId, Rollout, Target } from "@fairway/core";
import { codeOf } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { digestForTests as digest } from "../../fixtures/digest.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble } from "../../fixtures/double.ts";
import type { Microburst } from "../../fixtures/microburst.ts";
import { microburst } from "../../fixtures/microburst.ts";
import { awsSession } from "../session/aws-session.ts";
import { ecsMemory, ecsTarget } from "./ecs-target.ts";

const strategy: Rollout["strategy"] = { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 };

// Its errors are made from botocore's models, by somebody else than us. On a busy machine it takes a minute: only where it was
// installed by hand.
/** The proxy takes half a second for each call where others have the processor. */
const patience = 300_000;

describe.skipIf(!needs("moto", "microburst"))("ECS behind a proxy that spoils calls", () => {
  let aws: AwsDouble;
  let proxy: Microburst;
  beforeAll(async () => {
    aws = await awsDouble();
    proxy = await microburst(aws.url);
  });
  afterAll(async () => {
    await proxy?.close();
    await aws?.close();
  });

  test.each<[string, object]>([["cut off", { reset: true }]])(
    "a rollout whose calls are %s comes to its end, with one deployment",
    async (word, fault) => {
      const name = `spoiled-${word.replaceAll(" ", "-")}`;
      const place = await aws.service(name, 2);
      await proxy.rules([{ ...fault, service: "ecs", times: 3 }]);
      const before = (await proxy.fired()).length;
      process.env["AWS_ENDPOINT_URL"] = proxy.url;
      const target = patient(targetOn(place));
      const rollout = rolloutOf({ from: null, to: "r1" as ReleaseId, desired: 2, strategy });
      const there = { target, pass: () => aws.tick(), census: () => ({ alive: 0, ready: 0 }), close: () => undefined };
      expect(await moveToItsEnd(there, rollout)).toEqual({ phase: "succeeded" });
      expect((await proxy.fired()).length).toBeGreaterThan(before);
      const why = (await aws.effects()).filter(({ service }) => service === name).map((effect) => effect.why);
      expect(why).toEqual(["created", "updated"]);
    },
    patience,
  );

  test("what is throttled is told as that, and may be asked again", { timeout: patience }, async () => {
    const place = await aws.service("spoiled-throttled", 2);
    await proxy.rules([
      { service: "ecs", operation: "DescribeServices", times: 1, error: { code: "ThrottlingException" } },
    ]);
    process.env["AWS_ENDPOINT_URL"] = proxy.url;
    await expect(targetOn(place).observe()).rejects.toMatchObject({
      code: "target_unreachable",
      retryable: true,
      message: expect.stringMatching(/AWS asked to be left alone for a while/u),
    });
  });

  const targetOn = (place: EcsPlacement): Target =>
    ecsTarget({
      placement: place,
      // Once each: what the SDK waits before it tries again is no matter of ours, and takes its time.
      session: awsSession(place, { attempts: 1 }),
      memory: ecsMemory(),
      imageOf: (release) =>
        Promise.resolve({ reference: `registry.example/web@${digest(release)}`, env: { FAIRWAY_RELEASE: release } }),
    });

  /** As the engine does: what could not be found out is asked again. */
  const patient = (target: Target): Target => ({
    ...target,
    advance: async (rollout, facts): Promise<Progress> => {
      try {
        return await target.advance(rollout, facts);
      } catch (thrown) {
        if (codeOf(thrown) !== "target_unreachable") throw thrown;
        return { phase: "moving", message: "again", checkAgainIn: 0 };
      }
    },
  });
});
