import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { startLoad } from "./support/requests.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded, reasonsOf, stateOf } from "./support/watch-run.ts";

let fairway: Fairway;
const two = { service: { replicas: 2, health: { path: "/healthz", startWithin: "1s" } } };

beforeAll(async () => {
  fairway = await openFairway(webProject({}, two));
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

const current = async (): Promise<string | undefined> => (await fairway.status()).environments[0]?.current?.release;

test("a release that exits at once is stopped with its last words as evidence, and the old one serves every request", async () => {
  const load = startLoad(fairway, "web.staging.localhost");
  const deployed = await fairway.ship(
    "Break it",
    webProject({ first: 'console.error("no module named left"); process.exit(7);' }, two),
  );
  const served = await load.stop();

  assertEnded(deployed, "failed");
  // Two start at a time, so the third failure may come together with a fourth.
  expect(reasonsOf(deployed)).toMatch(/[34] new replicas failed; the breaker opens at 3/);
  expect(reasonsOf(deployed)).toMatch(/staging\.web\.r2\.\d: exited with code 7/);
  expect(reasonsOf(deployed)).toContain("no module named left");
  expect(stateOf(deployed, "restore")).toBe("succeeded");
  expect(served.failures).toEqual([]);
  expect(served.requests).toBeGreaterThan(10);
  expect(served.releases).toEqual(["r1"]);
  expect(await current()).toBe("r1");
  expect((await fairway.replicas()).map(({ release, state }) => `${release} ${state}`)).toEqual([
    "r1 ready",
    "r1 ready",
  ]);
});

test("a release that runs but is never well gets no request, and is stopped", async () => {
  const load = startLoad(fairway, "web.staging.localhost");
  const strategy = { rolling: { breakerThreshold: 1 } };
  const deployed = await fairway.ship(
    "Forget the database",
    webProject({ health: "500" }, { service: { ...two.service, strategy } }),
  );
  const served = await load.stop();

  assertEnded(deployed, "failed");
  expect(reasonsOf(deployed)).toMatch(/answered 500: well\?/);
  expect(served.failures).toEqual([]);
  expect(served.releases).toEqual(["r1"]);
  expect(await current()).toBe("r1");
});

test("what was refused in staging cannot be deployed as the newest by accident: the next good commit goes through", async () => {
  assertEnded(await fairway.ship("Repair it", webProject({ says: "repaired" }, two)), "succeeded");
  expect(await current()).toBe("r4");
  await fairway.assertHealthy();
});
