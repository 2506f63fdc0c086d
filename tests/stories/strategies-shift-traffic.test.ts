import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { ask, startLoad } from "./support/requests.ts";
import type { Behaviour } from "./support/tiny-service.ts";
import { stagingOnly, webProject } from "./support/tiny-service.ts";
import { assertEnded, reasonsOf } from "./support/watch-run.ts";

let fairway: Fairway;
const host = "web.staging.localhost";

type Strategy = NonNullable<NonNullable<Parameters<typeof webProject>[1]>["service"]>["strategy"];

const project = (says: string, strategy: Strategy, behaviour: Behaviour = {}): Files =>
  webProject(
    { says, ...behaviour },
    { service: { replicas: 2, strategy, limits: { memory: "250MiB" } }, environments: stagingOnly() },
  );

beforeAll(async () => {
  fairway = await openFairway(project("one", "rolling"));
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

/** Makes a release of new files and returns its deployment while it moves, as soon as its rollout says this. */
async function moving(
  says: string,
  strategy: Strategy,
  message: RegExp,
  behaviour?: Behaviour,
): ReturnType<Fairway["settled"]> {
  await fairway.project.commit(`Say ${says}`, project(says, strategy, behaviour));
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

const onceThere = (file: string, act: string): string =>
  `setInterval(() => existsSync(${JSON.stringify(file)}) && (${act}), 20);`;

test.each([
  ["is ill", (file: string) => ({ health: `existsSync(${JSON.stringify(file)}) ? 500 : 200` }), /answered 500/u],
  [
    "hangs",
    (file: string) => ({ first: onceThere(file, "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)") }),
    /gave no answer within/u,
  ],
  [
    "leaks memory",
    (file: string) => ({ first: `const hog = []; ${onceThere(file, "hog.push(Buffer.alloc(2e7, 1))")}` }),
    /for using more than 250 MiB/u,
  ],
] as const)("a release that %s only when it has all traffic is taken back, and why is told", async (what, how, why) => {
  const before = await ask(fairway, host);
  const file = join(fairway.place, `now it ${what}`);
  const bake: Strategy = { "blue-green": { bake: "10m", breakerThreshold: 1 } };
  const run = await moving(what, bake, /proven itself/u, how(file));
  expect(await ask(fairway, host)).toMatchObject({ says: what });
  await writeFile(file, "");
  const ended = await fairway.settled(run);
  assertEnded(ended, "failed");
  expect(reasonsOf(ended)).toMatch(why);
  expect(await ask(fairway, host)).toMatchObject({ says: before.says, release: before.release });
});

test("recreate ends the old ones before it starts the new ones", async () => {
  assertEnded(await fairway.ship("Say five", project("five", "recreate")), "succeeded");
  expect(new Set((await Promise.all([1, 2, 3].map(() => ask(fairway, host)))).map(({ says }) => says))).toEqual(
    new Set(["five"]),
  );
});
