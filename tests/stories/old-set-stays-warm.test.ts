import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { until } from "./support/leak-guard.ts";
import { ask, startLoad } from "./support/requests.ts";
import { stagingOnly, webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

let fairway: Fairway;
const host = "web.staging.localhost";

/** Kept warm for as long as no story takes, unless it says otherwise. */
const project = (says: string, keepWarm = "1h"): Files =>
  webProject(
    { says },
    { service: { replicas: 2, strategy: { "blue-green": { bake: "0s", keepWarm } } }, environments: stagingOnly() },
  );

const service = async () => {
  const { environments } = await fairway.status();
  return environments[0]?.services[0];
};
const names = async (release: string): Promise<readonly string[]> =>
  (await fairway.replicas("staging", "web")).filter((replica) => replica.release === release).map(({ name }) => name);

beforeAll(async () => {
  fairway = await openFairway(project("one"));
  assertEnded(await fairway.release(), "succeeded");
  assertEnded(await fairway.ship("Two", project("two")), "succeeded");
});

afterAll(() => fairway?.end());

test("after a deployment the old set runs on without a request, and the status says so", async () => {
  const found = await service();
  expect(found).toMatchObject({ ready: 2, desired: 2, warm: { release: "r1", replicas: 2 } });
  expect(Date.parse(found?.warm?.until ?? "")).toBeGreaterThan(Date.now());
  const served = await Promise.all(Array.from({ length: 20 }, () => ask(fairway, host)));
  expect(new Set(served.map(({ release }) => release))).toEqual(new Set(["r2"]));
});

test("a daemon that is killed comes back and knows the old set", async () => {
  await fairway.kill("SIGKILL");
  await fairway.start();
  await until(async () => (await service())?.warm?.replicas === 2, "the old set is found again", 60_000);
});

// Without a word: one environment alone runs something.
test("a rollback is a switch to the very replicas that ran before, without a failed request", async () => {
  const before = (await names("r1")).toSorted();
  const load = startLoad(fairway, host);
  const { code, err } = await commandLine(fairway.project.path, fairway.data, "rollback", "--yes");
  expect([code, err]).toEqual([0, ""]);
  expect(await ask(fairway, host)).toMatchObject({ says: "one", release: "r1" });
  expect((await load.stop()).failures).toEqual([]);
  expect((await names("r1")).toSorted()).toEqual(before);
});

test("what was rolled back from is not kept, and is gone soon", async () => {
  await until(async () => (await names("r2")).length === 0, "the bad set is ended", 60_000);
  expect((await service())?.warm).toBeNull();
});

test("the next deployment ends what is warm, and a warm time of nothing ends by itself", async () => {
  assertEnded(await fairway.ship("Three", project("three")), "succeeded");
  expect((await service())?.warm).toMatchObject({ release: "r1" });
  assertEnded(await fairway.ship("Four", project("four", "0s")), "succeeded");
  expect(await names("r1")).toEqual([]);
  await until(async () => (await names("r3")).length === 0, "the old set is ended", 60_000);
  expect(await ask(fairway, host)).toMatchObject({ says: "four" });
});
