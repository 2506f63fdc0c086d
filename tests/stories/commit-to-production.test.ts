import { afterAll, beforeAll, expect, test } from "vitest";
import type { Run } from "@fairway/api";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { ask } from "./support/requests.ts";
import { twoEnvironments, webProject } from "./support/tiny-service.ts";
import { assertEnded, stateOf } from "./support/watch-run.ts";

let fairway: Fairway;
let promotion: Run;

beforeAll(async () => {
  fairway = await openFairway(
    webProject(
      {},
      { service: { replicas: 2, checks: { test: "node --check server.mjs" } }, environments: twoEnvironments() },
    ),
  );
});

afterAll(() => fairway?.end());

test("a commit is checked, becomes a release and runs in staging", async () => {
  const deployed = await fairway.release();
  assertEnded(deployed, "succeeded");
  expect(deployed).toMatchObject({ kind: "deployment", environment: "staging", release: "r1" });
  const sha = await fairway.project.git("rev-parse", "HEAD");
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({
    sha,
    release: "r1",
    environment: "staging",
    service: "web",
  });
  expect(await fairway.client.call("release", { release: "r1" })).toMatchObject({
    verifiedIn: ["staging"],
    runningIn: ["staging"],
  });
});

test("a promotion waits for a person, and nothing runs in production meanwhile", async () => {
  promotion = await fairway.promote();
  expect(promotion).toMatchObject({ state: "waiting", approval: { needed: 1, given: [] } });
  expect(promotion.approval?.until).toMatch(/\w/);
  await expect(ask(fairway, "web.localhost")).rejects.toThrow("status 404");
});

test("after the approval production runs the same artifacts, and every replica knows who it is", async () => {
  const deployed = await fairway.approve(promotion);
  assertEnded(deployed, "succeeded");
  expect(stateOf(deployed, "verify")).toBe("succeeded");

  const sha = await fairway.project.git("rev-parse", "HEAD");
  const { environments } = await fairway.status();
  const [staging, production] = environments;
  expect([staging, production].map((environment) => environment?.current?.release)).toEqual(["r1", "r1"]);
  const [release] = await fairway.client.call("releases", {});
  const plans = await Promise.all(
    ["staging", "production"].map((environment) => fairway.client.call("plan", { environment, release: "r1" })),
  );
  for (const plan of plans) {
    expect(plan.releaseDigest).toBe(release?.digest);
    expect(plan.rollouts.map(({ artifact }) => artifact)).toEqual(release?.parts.map(({ artifact }) => artifact));
  }

  const replicas = production?.services.flatMap((service) => service.replicas) ?? [];
  expect(replicas).toHaveLength(2);
  for (const { address, name } of replicas) {
    const [host = "", port = ""] = (address ?? "").split(":");
    expect(await ask({ router: { host, port: Number(port) } }, "web")).toMatchObject({
      sha,
      port,
      release: "r1",
      environment: "production",
      service: "web",
      replica: name,
    });
  }
});

test("the run of the release tells every step with its log", async () => {
  const lines: string[] = [];
  for await (const { text } of fairway.client.stream("logs", { environment: "production", service: "web" }))
    lines.push(text);
  expect(lines.filter((line) => line === "listening")).toHaveLength(2);
});
