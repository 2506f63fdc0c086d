import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { ask, startLoad } from "./support/requests.ts";
import { stagingOnly, webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

let fairway: Fairway;
const host = "web.staging.localhost";

type Strategy = NonNullable<NonNullable<Parameters<typeof webProject>[1]>["service"]>["strategy"];

const project = (says: string, strategy: Strategy): Files =>
  webProject({ says }, { service: { replicas: 2, strategy }, environments: stagingOnly() });

beforeAll(async () => {
  fairway = await openFairway(project("one", "rolling"));
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

/** Makes a release of new files and returns its deployment while it moves, as soon as its rollout says this. */
async function moving(says: string, strategy: Strategy, message: RegExp): ReturnType<Fairway["settled"]> {
  await fairway.project.commit(`Say ${says}`, project(says, strategy));
  const made = await fairway.client.call("makeRelease", { ref: "HEAD", by });
  const run = await fairway.runUntil(made, ({ next }) => next.length > 0);
  return fairway.runUntil({ id: run.next[0] ?? "" }, ({ jobs }) => jobs.some((job) => message.test(job.message ?? "")));
}

const releasesSeen = async (times: number): Promise<ReadonlySet<string>> =>
  new Set((await Promise.all(Array.from({ length: times }, () => ask(fairway, host)))).map(({ release }) => release));

test("a canary answers its share and no more, and gives it back when it is cancelled", async () => {
  const load = startLoad(fairway, host);
  const run = await moving("two", { canary: { steps: [{ weight: 50, pause: "10m" }] } }, /50 %/u);
  expect(await releasesSeen(20)).toEqual(new Set(["r1", "r2"]));
  await fairway.client.call("cancel", { run: run.id, by });
  assertEnded(await fairway.settled(run), "aborted");
  expect(await releasesSeen(10)).toEqual(new Set(["r1"]));
  expect((await load.stop()).failures).toEqual([]);
});

test("a canary that has stood its steps takes over without a failed request", async () => {
  const load = startLoad(fairway, host);
  const steps = [10, 40, 70].map((weight) => ({ weight, pause: "200ms" }));
  assertEnded(await fairway.ship("Say three", project("three", { canary: { steps, bake: "0s" } })), "succeeded");
  expect(await releasesSeen(10)).toEqual(new Set(["r3"]));
  expect((await load.stop()).failures).toEqual([]);
});

test("a blue-green switch that is cancelled while the old set still stands goes back at once", async () => {
  const load = startLoad(fairway, host);
  const run = await moving("four", { "blue-green": { bake: "10m" } }, /proven itself/u);
  expect(await releasesSeen(10)).toEqual(new Set(["r4"]));
  const before = (await fairway.replicas("staging", "web")).filter(({ release }) => release === "r3");
  expect(before).toHaveLength(2);

  await fairway.client.call("cancel", { run: run.id, by });
  assertEnded(await fairway.settled(run), "aborted");
  expect(await releasesSeen(10)).toEqual(new Set(["r3"]));
  const after = await fairway.replicas("staging", "web");
  expect(after.map(({ name }) => name).toSorted()).toEqual(before.map(({ name }) => name).toSorted());
  expect((await load.stop()).failures).toEqual([]);
});

test("recreate ends the old ones before it starts the new ones", async () => {
  assertEnded(await fairway.ship("Say five", project("five", "recreate")), "succeeded");
  expect(await releasesSeen(5)).toEqual(new Set(["r5"]));
});
