import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EnvironmentConfig } from "@fairway/config";
import { afterAll, beforeAll, expect, test } from "vitest";
import { needs } from "../../tools/skips.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { until } from "./support/leak-guard.ts";
import { ask, fetchFrom, startLoad } from "./support/requests.ts";
import { stagingOnly, webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

type Checks = NonNullable<EnvironmentConfig["verify"]>;

let fairway: Fairway;
const host = "web.staging.localhost";
const preview = `preview.${host}`;

/** Asks the service who it is, once `gate` is there, and ends badly when it says that it is bad or is another release. */
const check = (gate: string | null): string => `import { existsSync } from "node:fs";
const gate = ${JSON.stringify(gate)};
while (gate !== null && !existsSync(gate)) await new Promise((soon) => setTimeout(soon, 20));
const { says, release } = await (await fetch(process.env.WEB_URL)).json();
console.log(release, "says", says);
if (says === "bad" || release !== process.env.FAIRWAY_RELEASE) process.exit(3);
`;

const project = (
  says: string,
  gate: string | null = null,
  { health, load = {} }: { readonly health?: string; readonly load?: Checks } = {},
): Files => ({
  ...webProject(
    { says, ...(health === undefined ? {} : { health }) },
    {
      service: { replicas: 2, strategy: { "blue-green": { bake: "0s", preview: true, verifyFirst: true } } },
      environments: stagingOnly({ verify: { page: "node check.mjs", ...load } }),
    },
  ),
  "check.mjs": check(gate),
});

const releasesSeen = async (): Promise<ReadonlySet<string>> =>
  new Set((await Promise.all(Array.from({ length: 10 }, () => ask(fairway, host)))).map(({ release }) => release));

beforeAll(async () => {
  fairway = await openFairway(project("one"));
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

test("a release that fails its checks meets nobody", async () => {
  const load = startLoad(fairway, host);
  const run = await fairway.ship("Bad", project("bad"));
  assertEnded(run, "failed");
  const reason = run.jobs.find(({ name }) => name === "rollout:web")?.reason ?? "";
  expect(reason).toContain("the new release has no traffic yet, and must not get any: page:");
  expect(reason).toContain("r2 says bad");
  expect(await load.stop()).toMatchObject({ failures: [], releases: ["r1"] });
});

test("while it is checked people can look at it by its own host, and all others meet the old one", async () => {
  expect((await fetchFrom(fairway, preview)).status).toBe(404);
  const gate = join(fairway.place, "go-on");
  await fairway.project.commit("Three", project("three", gate));
  const made = await fairway.client.call("makeRelease", { ref: "HEAD", by });
  const { next } = await fairway.runUntil(made, (run) => run.next.length > 0);
  const run = await fairway.runUntil({ id: next[0] ?? "" }, ({ jobs }) =>
    jobs.some(({ name, message }) => name === "rollout:web" && message === "node check.mjs"),
  );
  expect(await ask(fairway, preview)).toMatchObject({ says: "three", release: "r3" });
  expect(await releasesSeen()).toEqual(new Set(["r1"]));

  const load = startLoad(fairway, host);
  await writeFile(gate, "");
  assertEnded(await fairway.settled(run), "succeeded");
  expect(await releasesSeen()).toEqual(new Set(["r3"]));
  expect((await load.stop()).failures).toEqual([]);
  await until(async () => (await fetchFrom(fairway, preview)).status === 404, "the preview is over", 60_000);
});

/** Takes so long with each release that the noise of a busy machine is nothing beside it. */
const load = (path: string): Checks => ({
  load: { load: { service: "web", path, duration: "1s", connections: 2, slower: 10_000 }, timeout: "2m" },
});

test.skipIf(!needs("time"))(
  "a release is put under load beside the one before, which still has all the traffic",
  async () => {
    assertEnded(await fairway.ship("Four", project("four", null, { load: load("/?wait=100") })), "succeeded");
    const found = await fairway.client.call("checkResults", { release: "r4", name: "load" });
    const [first] = found.toReversed();
    // Nobody has measured the one before until now.
    expect(first).toMatchObject({ kind: "load", status: "passed", occasion: "deployment" });
    expect(first?.figures["p95Before"]).toBeGreaterThanOrEqual(100);
    expect(first?.figures["p95"]).toBeGreaterThanOrEqual(100);

    const health = "request.headers['x-request-id'] === 'fairway-load' ? 500 : 200";
    const refused = await fairway.ship("Five", project("five", null, { health, load: load("/healthz") }));
    assertEnded(refused, "failed");
    expect(refused.jobs.find(({ name }) => name === "rollout:web")?.reason).toContain("load: 100 % of");
    expect(await releasesSeen()).toEqual(new Set(["r4"]));
  },
);
