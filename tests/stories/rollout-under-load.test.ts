import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { startLoad } from "./support/requests.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

let fairway: Fairway;
const three = { service: { replicas: 3, strategy: { rolling: { minimumHealthyPercent: 50 } } } };

beforeAll(async () => {
  fairway = await openFairway(webProject({}, three));
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

test("two commits roll out under kept connections and slow requests, and not one request fails", async () => {
  const quick = startLoad(fairway, "web.staging.localhost");
  const slow = startLoad(fairway, "web.staging.localhost", { path: "/?wait=700", people: 3, pause: 0 });
  assertEnded(await fairway.ship("Second", webProject({ says: "second" }, three)), "succeeded");
  assertEnded(await fairway.ship("Third", webProject({ says: "third" }, three)), "succeeded");
  const [quickly, slowly] = [await quick.stop(), await slow.stop()];

  expect(quickly.failures).toEqual([]);
  expect(slowly.failures).toEqual([]);
  expect(slowly.requests).toBeGreaterThan(3);
  expect(quickly.releases).toEqual(["r1", "r2", "r3"]);
  expect((await fairway.replicas()).map(({ release, state }) => `${release} ${state}`)).toEqual([
    "r3 ready",
    "r3 ready",
    "r3 ready",
  ]);
});
