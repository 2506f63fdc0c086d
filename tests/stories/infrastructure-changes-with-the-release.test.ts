import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { until } from "./support/leak-guard.ts";
import { tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded, reasonsOf, stateOf } from "./support/watch-run.ts";

let place: string;
let fairway: Fairway;

/** What is wanted is in the commit; the world is a file outside, and each apply adds a line to a journal. */
const commands = (
  world: string,
): string => `import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
const wanted = readFileSync("wanted", "utf8");
const world = ${JSON.stringify(world)};
const there = existsSync(world) ? readFileSync(world, "utf8") : "";
if (process.argv[2] === "plan") {
  console.log((there || "nothing") + " becomes " + wanted);
  process.exit(wanted === there ? 0 : 2);
}
if (wanted === "broken") throw new Error("the cloud says no");
appendFileSync(world + ".journal", wanted + "\\n");
if (wanted === "slow") while (!existsSync(world + ".go")) await new Promise((next) => setTimeout(next, 20));
writeFileSync(world, wanted);
`;

const project = (wanted: string): Files => ({
  // It does not start before what it needs is there.
  "web/server.mjs": tinyService({
    says: wanted,
    first: `(await import("node:fs")).readFileSync(${JSON.stringify(join(place, "world"))});`,
  }),
  "cloud/do.mjs": commands(join(place, "world")),
  "cloud/wanted": wanted,
  ...configFile({
    name: "story",
    services: { web: tinyConfig() },
    infrastructure: {
      cloud: {
        folder: "cloud",
        program: { plan: "node do.mjs plan", apply: "node do.mjs apply" },
        preventDestroy: false,
      },
    },
    environments: { staging: { deploys: "automatically" } },
  }),
});

const world = (): Promise<string> => readFile(join(place, "world"), "utf8");
const journal = async (): Promise<readonly string[]> =>
  (await readFile(join(place, "world.journal"), "utf8")).trim().split("\n");

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "fairway-world-"));
  fairway = await openFairway(project("one"));
});
afterAll(async () => {
  await fairway?.end();
  await rm(place, { recursive: true, force: true });
});

test("it is there before the services that need it, and planned again for each release", async () => {
  const first = await fairway.release();
  assertEnded(first, "succeeded");
  expect([await world(), stateOf(first, "apply:cloud")]).toEqual(["one", "succeeded"]);
  const again = await fairway.ship("Say one again", { "note.txt": "nothing of the infrastructure" });
  assertEnded(again, "succeeded");
  expect(await journal()).toEqual(["one"]);
  expect(await fairway.client.call("infrastructure", {})).toMatchObject([
    { environment: "staging", stack: "cloud", last: { state: "applied" }, findings: 0 },
  ]);
});

test("where it cannot be changed no service moves, and the run says why", async () => {
  const ended = await fairway.ship("Break it", project("broken"));
  assertEnded(ended, "failed");
  expect(reasonsOf(ended)).toContain("the cloud says no");
  expect([stateOf(ended, "rollout:web"), await world()]).toEqual(["pending", "one"]);
  await fairway.assertHealthy();
});

test("a daemon that is killed in the middle finds the apply again, and nothing is applied twice", async () => {
  const shipping = fairway.ship("Take long", project("slow")).catch(() => null);
  await until(async () => (await journal()).includes("slow"), "the apply begins", 60_000);
  await fairway.kill("SIGKILL");
  await shipping;
  await writeFile(join(place, "world.go"), "");
  await fairway.start();
  const [run] = await fairway.client.call("runs", { limit: "1" });
  assertEnded(await fairway.settled({ id: run?.id ?? "" }), "succeeded");
  expect([await world(), await journal()]).toEqual(["slow", ["one", "slow"]]);
});

test("on the way back the earlier code is planned against what there is, once the services are back", async () => {
  const { parts } = await fairway.client.call("rollbackPlan", { environment: "staging" });
  expect(parts.at(-1)).toMatchObject({
    kind: "infrastructure",
    note: expect.stringContaining("is planned against the state as it is, once the services are back") as string,
  });
  const back = await fairway.client.call("rollback", { environment: "staging", by: "ada" });
  const ended = await fairway.settled(back);
  assertEnded(ended, "succeeded");
  const order = ended.jobs.map(({ name }) => name);
  expect(order.indexOf("plan:cloud")).toBeGreaterThan(order.indexOf("finish"));
  expect([await world(), await journal()]).toEqual(["one", ["one", "slow", "one"]]);
});
