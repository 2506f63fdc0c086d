import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { startLoad } from "./support/requests.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded, reasonsOf, stateOf } from "./support/watch-run.ts";

let fairway: Fairway;
const two = { service: { replicas: 2, health: { path: "/healthz", startWithin: "60s" } } };

beforeAll(async () => {
  fairway = await openFairway(webProject({}, two));
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

test("a deployment that is cancelled in the middle ends as aborted, and the old release is whole again", async () => {
  const sha = await fairway.project.commit(
    "Never listen",
    webProject({ listensOnce: join(fairway.place, "never") }, two),
  );
  const release = await fairway.settled(await fairway.client.call("makeRelease", { ref: sha, by }));
  const [id = ""] = release.next;
  await fairway.runUntil({ id }, (run) => stateOf(run, "rollout:web") === "running");

  const load = startLoad(fairway, "web.staging.localhost");
  expect(await fairway.client.call("cancel", { run: id, by: "grace" })).toMatchObject({ stopping: true });
  const ended = await fairway.settled({ id });
  const served = await load.stop();

  assertEnded(ended, "aborted");
  expect(reasonsOf(ended)).toContain("grace stopped the run");
  expect(stateOf(ended, "restore")).toBe("succeeded");
  expect(served.failures).toEqual([]);
  expect(served.releases).toEqual(["r1"]);
  expect((await fairway.replicas()).map(({ release: of, state }) => `${of} ${state}`)).toEqual([
    "r1 ready",
    "r1 ready",
  ]);
});

test("the environment is free afterwards", async () => {
  assertEnded(await fairway.ship("Listen", webProject({ says: "listening" }, two)), "succeeded");
  await fairway.assertHealthy();
});
