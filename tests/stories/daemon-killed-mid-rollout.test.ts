import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { until } from "./support/leak-guard.ts";
import { startLoad } from "./support/requests.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded, stateOf } from "./support/watch-run.ts";

let fairway: Fairway;
const two = { service: { replicas: 2, health: { path: "/healthz", startWithin: "60s" } } };

beforeAll(async () => {
  fairway = await openFairway(webProject({}, two));
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

test("services answer while the daemon is dead, and the next daemon finishes the deployment", async () => {
  const gate = join(fairway.place, "gate");
  const sha = await fairway.project.commit("Wait for a file", webProject({ listensOnce: gate }, two));
  const release = await fairway.settled(await fairway.client.call("makeRelease", { ref: sha, by }));
  const deployment = { id: release.next[0] ?? "" };
  const load = startLoad(fairway, "web.staging.localhost");
  await fairway.runUntil(deployment, (run) => stateOf(run, "rollout:web") === "running");
  await until(
    async () => (await fairway.replicas()).some(({ release: of }) => of === "r2"),
    "a new replica has been started",
  );
  const started = (await fairway.replicas()).filter(({ release: of }) => of === "r2").map(({ name }) => name);

  await fairway.kill("SIGKILL");
  const dead = load.answered;
  await until(() => load.answered > dead + 20, "requests are answered without a daemon");
  await writeFile(gate, "");
  await fairway.start();
  const ended = await fairway.settled(deployment);
  const served = await load.stop();

  assertEnded(ended, "succeeded");
  expect(served.failures).toEqual([]);
  expect(served.releases).toContain("r2");
  const replicas = await fairway.replicas();
  expect(replicas.map(({ release: of, state }) => `${of} ${state}`)).toEqual(["r2 ready", "r2 ready"]);
  // What the dead daemon had started was found again and not started twice.
  expect(replicas.map(({ name }) => name)).toEqual(expect.arrayContaining(started));
  await fairway.assertHealthy();
});
