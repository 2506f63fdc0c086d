import { join } from "node:path";
import type { Run } from "@fairway/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Said } from "./support/command-line.ts";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { refusal } from "./support/refusal.ts";
import { ask } from "./support/requests.ts";
import { tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded, reasonsOf, stateOf } from "./support/watch-run.ts";

let fairway: Fairway;

/** `web` calls `api`; production takes what staging has verified. */
const shop = (says: string, first = "", listensOnce?: string): Files => ({
  "api/server.mjs": tinyService({ says, first, ...(listensOnce === undefined ? {} : { listensOnce }) }),
  "web/server.mjs": tinyService({ says }),
  ...configFile({
    name: "shop",
    services: {
      api: tinyConfig({
        path: "api",
        replicas: 1,
        health: { path: "/healthz", startWithin: "2m", interval: "200ms" },
        strategy: { rolling: { breakerThreshold: 1 } },
      }),
      web: tinyConfig({ path: "web", replicas: 1, dependsOn: ["api"] }),
    },
    environments: { staging: { deploys: "automatically" }, production: { promotesFrom: "staging", approvals: 0 } },
  }),
});

const cli = (...words: readonly string[]): Promise<Said> => commandLine(fairway.project.path, fairway.data, ...words);
const rollBack = (release: string | null = null, only: readonly string[] | null = null): Promise<Run> =>
  fairway.client.call("rollback", { environment: "production", release, only: only && [...only], by });
const production = async () => (await fairway.status()).environments.find(({ name }) => name === "production");
const says = async (service: string): Promise<string> =>
  (await ask(fairway, `${service}.production.localhost`)).release;

beforeAll(async () => {
  fairway = await openFairway(shop("one"));
  assertEnded(await fairway.release(), "succeeded");
  assertEnded(await fairway.promote(), "succeeded");
  assertEnded(await fairway.ship("Say two", shop("two")), "succeeded");
  assertEnded(await fairway.promote(), "succeeded");
});

afterAll(() => fairway?.end());

test("without a name it says which environments there are, and the plan shows each part in reverse order", async () => {
  expect(await cli("rollback", "--yes")).toMatchObject({
    code: 1,
    err: expect.stringContaining("name one: production, staging"),
  });
  const { parts, quarantines, joins, stops, plan } = await fairway.client.call("rollbackPlan", {
    environment: "production",
  });
  expect(parts.map(({ name, kind, way }) => [name, kind, way])).toEqual([
    ["web", "service", "redeploy"],
    ["api", "service", "redeploy"],
  ]);
  // Both were deployed here before, so that it can be said how long they take.
  for (const { expected } of parts) expect(expected).toBeGreaterThan(0);
  expect([plan.release, quarantines, joins, stops]).toEqual(["r1", "r2", null, null]);
});

test("it goes back in that order though the environment is locked, and of two that are asked for one happens", async () => {
  await fairway.client.call("lock", { environment: "production", by, reason: "stock-taking" });
  const asked = await Promise.allSettled([rollBack(), rollBack()]);
  // One that comes when the other is done already is refused: there is nothing further back.
  const runs = new Set(asked.flatMap((one) => (one.status === "fulfilled" ? [one.value.id] : [])));
  expect(runs.size).toBe(1);
  const done = await fairway.settled({ id: [...runs][0] ?? "" });
  assertEnded(done, "succeeded");
  expect(done.jobs.find(({ name }) => name === "rollout:api")?.needs).toContain("rollout:web");
  await fairway.client.call("unlock", { environment: "production", by });
  expect([await says("web"), await says("api")]).toEqual(["r1", "r1"]);
  const { code, message } = await refusal(rollBack());
  expect([code, message]).toEqual(["not_allowed_now", "production has no earlier release to go back to"]);
});

test("what it left is refused to every trigger, with who and why", async () => {
  const { client } = fairway;
  for (const asked of [
    () => client.call("deploy", { environment: "production", release: "r2", by }),
    () => client.call("deploy", { environment: "production", promote: true, by }),
    () => client.call("deploy", { environment: "staging", release: "r2", by }),
    () => client.call("deploy", { environment: "staging", by }),
    () => rollBack("r2"),
  ]) {
    const { code, message } = await refusal(asked());
    expect([code, message]).toEqual(["quarantined", expect.stringContaining("production was rolled back to r1")]);
  }
  // The same commit, files, configuration and secrets are the same release once more.
  const again = await fairway.release();
  assertEnded(again, "failed");
  expect(reasonsOf(again)).toContain("it has the same digest as r2, which is in quarantine");
  expect((await client.call("releases", {})).map(({ id }) => id)).toEqual(["r2", "r1"]);

  const shown = await cli("release", "show", "r2");
  expect(shown.out).toContain(`in quarantine by ${by}: production was rolled back to r1`);
  expect((await cli("status")).out).toContain(`r2 is in quarantine by ${by}`);
});

test("once a person has lifted it, with a reason, a rollback can go forward again and blames nothing", async () => {
  expect(await cli("quarantine", "lift", "r2")).toMatchObject({ code: 1, err: expect.stringContaining("reason") });
  expect(await cli("quarantine", "lift", "r2", "--reason", "the supplier was wrong")).toMatchObject({ code: 0 });
  const forward = await cli("rollback", "production", "--to", "r2", "--yes");
  expect([forward.code, forward.out]).toEqual([0, expect.stringContaining("roll production back to r2")]);
  expect([await says("web"), await says("api")]).toEqual(["r2", "r2"]);
  expect((await cli("quarantine", "list")).out).toBe("nothing is in quarantine\n");
  expect((await cli("quarantine", "list", "--all")).out).toContain("the supplier was wrong");
});

test("of single services it makes the environment mixed, which status tells, until the next deployment", async () => {
  const plan = await fairway.client.call("rollbackPlan", { environment: "production", only: "web" });
  expect(plan.warnings).toEqual([expect.stringContaining("production will be mixed: web of r1, the rest of r2")]);
  assertEnded(await fairway.settled(await rollBack(null, ["web"])), "succeeded");
  expect([await says("web"), await says("api")]).toEqual(["r1", "r2"]);
  expect(await production()).toMatchObject({
    current: { release: "r2" },
    mixed: [{ service: "web", release: "r1" }],
    quarantine: { by },
  });
  expect((await cli("status")).out).toContain("mixed: web of r1, until the next deployment");

  assertEnded(await fairway.ship("Say three", shop("three")), "succeeded");
  assertEnded(await fairway.promote(), "succeeded");
  expect([await says("web"), await says("api")]).toEqual(["r3", "r3"]);
  expect(await production()).toMatchObject({ current: { release: "r3" }, mixed: [], quarantine: null, previous: "r1" });
});

test("a deployment that the breaker ended is not tried again until somebody lifts it", async () => {
  const failed = await fairway.ship("Break it", shop("four", "process.exit(7);"));
  assertEnded(failed, "failed");
  const { code, message } = await refusal(fairway.client.call("retry", { run: failed.id, by }));
  expect([code, message]).toEqual(["quarantined", expect.stringContaining("by fairway: ")]);
  await fairway.client.call("liftQuarantine", { release: "r4", by, reason: "to see it fail" });
  await fairway.client.call("retry", { run: failed.id, by });
  assertEnded(await fairway.settled(failed), "failed");
  await fairway.assertHealthy();
});

test("a deployment on its way is stopped by a rollback, and what it brought stays away", async () => {
  const never = join(fairway.place, "never");
  const sha = await fairway.project.commit("Wait", shop("five", "", never));
  const made = await fairway.settled(await fairway.client.call("makeRelease", { ref: sha, by }));
  const moving = { id: made.next[0] ?? "" };
  await fairway.runUntil(moving, (run) => stateOf(run, "rollout:api") === "running");

  const back = await cli("rollback", "staging", "--yes", "--reason", "it never starts");
  expect([back.code, back.out]).toEqual([
    0,
    expect.stringContaining(`${moving.id} is on its way there; it is stopped`),
  ]);
  assertEnded(await fairway.settled(moving), "aborted");
  const { environments } = await fairway.status();
  expect(environments.find(({ name }) => name === "staging")).toMatchObject({
    current: { release: "r3" },
    quarantine: null,
  });
  const { code, message } = await refusal(fairway.client.call("retry", { run: moving.id, by }));
  expect([code, message]).toEqual(["quarantined", expect.stringContaining("it never starts")]);
});
