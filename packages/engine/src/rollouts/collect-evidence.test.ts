import { memoryHost, releaseThat, specOf } from "@fairway/conformance";
import type { DeploymentPlan, FencingToken } from "@fairway/core";
import { FairwayError, evidenceLimits } from "@fairway/core";
import { expect, test } from "vitest";
import { collectEvidence } from "./collect-evidence.ts";
import type { Places } from "./places.ts";

const token: FencingToken = { scope: "test/api", epoch: 1, holder: "test" };
const broken = releaseThat("broken");
const plan = {
  environment: "test",
  release: broken,
  rollouts: [{ service: "api" }, { service: "web" }],
} as unknown as DeploymentPlan;

/** Places whose one host has so many failed replicas, and a service that does not answer. */
async function placesWith(failed: number, over: Partial<Places> = {}): Promise<Places> {
  const host = memoryHost();
  for (let ordinal = 0; ordinal < failed; ordinal++) await host.start(specOf(broken, ordinal), token);
  host.tick();
  const places: Partial<Places> = {
    replicasOf: async (_environment, service) => {
      if (service === "web") throw new FairwayError("target_unreachable", "web does not answer");
      return host.list();
    },
    evidenceOf: async (_environment, _service, replica) => host.evidence(replica),
  };
  return { ...places, ...over } as Places;
}

test("what failed replicas left is collected, and a platform that does not answer stands in nobody's way", async () => {
  expect(await collectEvidence(await placesWith(2), plan)).toMatchObject([
    { service: "api", replica: "broken-0", release: "broken", reason: "exited with code 1", exit: { code: 1 } },
    { service: "api", replica: "broken-1" },
  ]);
});

test("it is never more than a row should hold", async () => {
  const line = "x".repeat(10_000);
  const answer = { at: "", status: 500, body: line, took: 1, error: null };
  const flood = {
    exit: null,
    log: Array.from({ length: 500 }, () => line),
    logWithheld: null,
    health: Array.from({ length: 50 }, () => answer),
  };
  const found = await collectEvidence(await placesWith(40, { evidenceOf: async () => flood }), plan);
  expect(found).toHaveLength(20);
  const { lines, line: longest, answers, body } = evidenceLimits;
  expect(found[0]?.log).toEqual(Array.from({ length: lines }, () => "x".repeat(longest)));
  expect(found[0]?.health.map((seen) => seen.body.length)).toEqual(Array.from({ length: answers }, () => body));
});

test("a fault of ours is not taken for silence", async () => {
  const places = await placesWith(1, { evidenceOf: async () => Promise.reject(new TypeError("oh")) });
  await expect(collectEvidence(places, plan)).rejects.toThrow("oh");
});
