import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { startAhead } from "./support/killed-once.ts";
import { until } from "./support/leak-guard.ts";
import { tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded, reasonsOf } from "./support/watch-run.ts";

let fairway: Fairway;

const collection = JSON.stringify({
  info: { name: "Shop", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  item: [
    {
      name: "Front",
      request: "{{WEB_URL}}/",
      event: [
        {
          listen: "test",
          script: {
            exec: ["pm.test('greets', () => pm.expect(pm.response.json().says).to.eql(pm.environment.get('WORDS')))"],
          },
        },
      ],
    },
  ],
});

const project = (says: string): Files => ({
  "web/server.mjs": tinyService({ says }),
  "tests/shop.json": collection,
  "tests/front.yaml": "steps:\n  - { name: open, get: '{{WEB_URL}}/', expect: { json: { says: hello } } }\n",
  // Of each two times it is asked, the first goes badly.
  "tests/sometimes.mjs": `import { existsSync, writeFileSync } from "node:fs";
const isSecond = existsSync("asked-once");
writeFileSync("asked-once", "");
console.log("TAP version 13\\n1..1\\n" + (isSecond ? "ok" : "not ok") + " 1 - buys now and then");
`,
  ...configFile({
    name: "shop",
    services: { web: tinyConfig() },
    environments: {
      staging: {
        deploys: "automatically",
        verify: {
          runs: { smoke: { path: "/" } },
          shop: { collection: "tests/shop.json", env: { WORDS: { secret: "WORDS" } } },
          basket: { command: "node tests/sometimes.mjs", report: "tap", retries: 1 },
        },
        synthetics: { front: { journey: "tests/front.yaml" } },
        bake: "1s",
      },
      production: { promotesFrom: "staging", deploys: "on-request" },
    },
    triggers: { nightly: { on: { schedule: { cron: "0 2 * * *" }, manual: true }, verify: "staging" } },
  }),
});

beforeAll(async () => {
  fairway = await openFairway(project("hello"));
});

afterAll(() => fairway?.end());

/** What the collection wants to read: its answer depends on the world, and not on the release. */
const words = (value: string): Promise<unknown> =>
  fairway.client.call("setSecret", { name: "WORDS", environment: "staging", value, by: "ana" });

const results = async (release: string): Promise<readonly string[]> =>
  (await fairway.client.call("checkResults", { environment: "staging", release })).map(
    ({ name, occasion, status }) => `${name} ${occasion} ${status}`,
  );

/** Waits until a journey was made that nobody asked for. */
async function untilScheduled(): Promise<void> {
  const leave = new AbortController();
  try {
    for await (const { kind, body } of fairway.client.stream("events", { after: 0 }, leave.signal))
      if (kind === "check.finished" && (body as { readonly occasion?: string }).occasion === "schedule") return;
  } finally {
    leave.abort();
  }
}

const obstacles = async (): Promise<readonly string[]> =>
  (await fairway.client.call("plan", { environment: "production", release: "r1" })).obstacles;

test("a release is verified by its commit and a collection, and its journeys are made while it bakes", async () => {
  await words("hello");
  assertEnded(await fairway.release(), "succeeded");
  expect((await results("r1")).toReversed().slice(0, 4)).toEqual([
    "runs deployment passed",
    "shop deployment passed",
    "basket deployment passed",
    "front bake passed",
  ]);
  expect(await obstacles()).toEqual([]);
});

test("its journeys are made again by themselves once it runs", async () => {
  await untilScheduled();
  const [front] = await fairway.client.call("synthetics", { environment: "staging" });
  expect(front).toMatchObject({
    name: "front",
    location: "here",
    status: "passed",
    failed: 0,
    missed: null,
    release: "r1",
  });
  expect(front?.p95).toBeGreaterThan(0);
});

test("every night all is asked again: results are the release's, and what passed only the second time is listed", async () => {
  const fired = await commandLine(fairway.project.path, fairway.data, "trigger", "nightly");
  expect([fired.code, fired.err]).toEqual([0, ""]);
  const [firing] = await fairway.client.call("firings", { trigger: "nightly" });
  const night = await fairway.settled({ id: firing?.run ?? "" });
  expect(night).toMatchObject({ kind: "verification", environment: "staging", release: "r1", state: "succeeded" });
  expect((await results("r1")).slice(0, 3)).toEqual([
    "basket verification passed",
    "shop verification passed",
    "runs verification passed",
  ]);
  const flaky = await fairway.client.call("checkResults", { run: night.id, flaky: "true" });
  expect(flaky.map(({ name, release, flaky: tests }) => [name, release, tests])).toEqual([
    ["basket", "r1", ["buys now and then"]],
  ]);
  const listed = await commandLine(fairway.project.path, fairway.data, "checks", "flaky", "staging");
  expect(listed.out).toMatch(/staging +basket +buys now and then +r1/u);
});

test("a verification that says no takes the word away with evidence, and one that says yes gives it back", async () => {
  await words("sesame-2718");
  const said = await commandLine(fairway.project.path, fairway.data, "verify", "staging");
  expect(said.code).toBe(1);
  expect(said.out).toContain("r1 does not count as verified in staging any more");
  const [found] = await fairway.client.call("checkResults", { name: "shop", occasion: "verification" });
  const whole = await fairway.client.call("checkResult", { result: found?.id ?? 0 });
  expect(whole).toMatchObject({ status: "failed", tests: [{ name: "Front: greets", state: "failed" }] });
  expect(whole.tests[0]?.requestId).toMatch(/^[0-9a-f-]{36}$/u);
  expect(whole.tests[0]?.exchange).toContain("HTTP 200");
  expect(JSON.stringify(whole)).not.toContain("sesame-2718");
  expect(said.out + said.err).not.toContain("sesame-2718");
  expect(await obstacles()).toEqual([
    expect.stringMatching(/r1 is not verified there any more: since .* \(run-\d+\): shop: .*fairway verify staging/u),
  ]);
  await expect(fairway.client.call("deploy", { environment: "production", release: "r1", by: "ana" })).rejects.toThrow(
    "r1",
  );
  expect((await fairway.client.call("audit", { action: "verification.revoked" })).length).toBe(1);

  await words("hello");
  const again = await commandLine(
    fairway.project.path,
    fairway.data,
    "verify",
    "staging",
    "--junit",
    `${fairway.place}/found.xml`,
  );
  expect(again.code).toBe(0);
  expect(await readFile(`${fairway.place}/found.xml`, "utf8")).toContain(
    '<testcase classname="shop" name="Front: greets"',
  );
  expect(await obstacles()).toEqual([]);
});

test("a journey that fails twice while a release bakes brings the old one back", async () => {
  // Now the checks say yes to what the journey says no to.
  await words("goodbye");
  const shipped = await fairway.ship("Say goodbye", project("goodbye"));
  assertEnded(shipped, "failed");
  expect(reasonsOf(shipped)).toContain("the journey front failed 2 times in a row");
  expect((await results("r2")).filter((one) => one.startsWith("front bake"))).toEqual([
    "front bake failed",
    "front bake failed",
  ]);
  expect(await fairway.replicas("staging", "web")).toMatchObject([{ release: "r1", state: "ready" }]);
});

test("at two in the night the trigger fires by itself, and a daemon that comes back later fires it no second time", async () => {
  await words("hello");
  const night = new Date();
  night.setUTCHours(26, 0, 0, 0);
  const ahead = night.getTime() - 3_000 - Date.now();
  await fairway.kill("SIGKILL");
  await startAhead(fairway, ahead);
  const bySchedule = async () =>
    (await fairway.client.call("firings", { trigger: "nightly" })).filter(({ cause }) => cause === "schedule");
  await until(async () => (await bySchedule())[0]?.state === "started", "the night has come", 60_000);
  const [fired] = await bySchedule();
  const verified = await fairway.settled({ id: fired?.run ?? "" });
  expect(verified).toMatchObject({ kind: "verification", environment: "staging", release: "r1", state: "succeeded" });
  await fairway.kill("SIGKILL");
  await startAhead(fairway, ahead + 60_000);
  await fairway.assertHealthy();
  expect((await bySchedule()).length).toBe(1);
});
