import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { until } from "./support/leak-guard.ts";
import { ask, startLoad } from "./support/requests.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

let fairway: Fairway;

beforeAll(async () => {
  fairway = await openFairway(webProject());
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

test("a daemon that is told to end leaves services and router running, and the next one adopts them", async () => {
  const { pid } = await ask(fairway, "web.staging.localhost");
  const router = fairway.router;
  const load = startLoad(fairway, "web.staging.localhost");
  await fairway.kill("SIGTERM");
  const dead = load.answered;
  await until(() => load.answered > dead + 20, "requests are answered without a daemon");
  await fairway.start();
  const served = await load.stop();

  expect(served.failures).toEqual([]);
  expect(fairway.router).toEqual(router);
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ pid, release: "r1" });
  expect((await fairway.replicas()).map(({ state }) => state)).toEqual(["ready"]);
  await fairway.assertHealthy();
});

test("what it adopted it can also change", async () => {
  assertEnded(await fairway.ship("Say more", webProject({ says: "more" })), "succeeded");
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "more", release: "r2" });
});
