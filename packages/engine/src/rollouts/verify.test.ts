import type { DeploymentReason, Environment, Release, ReleaseId, Repository, Service } from "@fairway/core";
import { defaultHealth, defaultRolling, releaseId } from "@fairway/core";
import { expect, test } from "vitest";
import { dataDirectory } from "../data-directory.ts";
import { inMemoryAttempt } from "../durable/in-memory.ts";
import { noFlags } from "../flags/testing/no-flags.ts";
import type { Json } from "../runs/stage.ts";
import type { Places } from "./places.ts";
import { verifyStage } from "./verify.ts";

const web = { name: "web", run: ["serve"], health: defaultHealth, stop: { drain: 0, grace: 0 } } as unknown as Service;
const placement = { service: "web", replicas: 1, strategy: defaultRolling, env: {}, routes: [] };
const question = { name: "orders", argv: ["check"], directory: ".", env: {}, timeout: 1_000 };
const production = { name: "production", placements: [placement], verify: [question], variables: {} };
const release = {
  id: releaseId(1),
  revision: { sha: "0" },
  project: { name: "shop", services: [web], environments: [production as unknown as Environment] },
  parts: [{ service: "web" }],
} as unknown as Release;

/** What the environment's own questions would begin with. */
const asked = "the questions were asked";

const verify = (reason: DeploymentReason, ready: number): ReturnType<typeof inMemoryAttempt> =>
  inMemoryAttempt(
    verifyStage({
      data: dataDirectory("/nowhere"),
      secrets: {} as never,
      releaseOf: async () => release,
      ...noFlags,
      store: undefined as never,
      repository: {
        checkout: () => Promise.reject(new Error(asked)),
      } as unknown as Repository,
      places: {
        internalUrl: () => "http://web",
        targetOf: () => ({
          observe: async () =>
            new Map<ReleaseId, object>([[release.id, { running: ready, ready, failed: 0, busy: 0 }]]),
        }),
      } as unknown as Places,
    }),
    {
      input: {
        plan: {
          environment: "production",
          release: "r1",
          reason,
          rollouts: [{ service: "web", replicas: 1, strategy: defaultRolling }],
        },
      } as unknown as Json,
      results: { begin: { from: null } },
      holds: "production",
    },
  );

test("the environment's own questions are asked of what is new there", async () => {
  await expect(verify("promotion", 1).execute()).rejects.toThrow(asked);
});

test("a way back has answered them before: only its replicas are looked at", async () => {
  expect(await verify("rollback", 1).execute()).toMatchObject({ outcome: "succeeded" });
  expect(await verify("rollback", 0).execute()).toMatchObject({
    outcome: "failed",
    reason: "production/web: 0 of 1 replicas are ready",
  });
});
