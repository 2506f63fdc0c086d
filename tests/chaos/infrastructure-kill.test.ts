import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Run } from "@fairway/api";
import { messageOf } from "@fairway/core";
import { afterEach, expect, test } from "vitest";
import type { Fairway } from "../stories/support/fairway-under-test.ts";
import { openFairway } from "../stories/support/fairway-under-test.ts";
import type { Files } from "../stories/support/git-project.ts";
import { configFile } from "../stories/support/git-project.ts";
import { tinyConfig, tinyService } from "../stories/support/tiny-service.ts";
import { seededKills } from "./kept-seeds.ts";
import { seededRandom } from "./seeded-random.ts";

/** How often something is killed while infrastructure is planned and applied. */
const times = Number(process.env["FAIRWAY_KILLS_IN_APPLY"] ?? 1);

let fairway: Fairway | undefined;
let place: string | undefined;
afterEach(async () => {
  await fairway?.end();
  fairway = undefined;
  if (place !== undefined) await rm(place, { recursive: true, force: true });
});

/** Each apply adds a line when it begins, changes the world in two steps, and adds a line when it has ended. */
const commands = (
  world: string,
): string => `import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
const wanted = readFileSync("wanted", "utf8");
const world = ${JSON.stringify(world)};
const there = existsSync(world) ? readFileSync(world, "utf8") : "";
const pause = (time) => new Promise((next) => setTimeout(next, time));
if (process.argv[2] === "plan") {
  console.log((there || "nothing") + " becomes " + wanted);
  process.exit(wanted === there ? 0 : 2);
}
writeFileSync(world + ".pid", String(process.pid));
appendFileSync(world + ".journal", "begin " + wanted + "\\n");
await pause(150);
writeFileSync(world, "half of " + wanted);
await pause(150);
writeFileSync(world, wanted);
appendFileSync(world + ".journal", "end " + wanted + "\\n");
`;

const project = (world: string, wanted: string): Files => ({
  "web/server.mjs": tinyService(),
  "cloud/do.mjs": commands(world),
  "cloud/wanted": wanted,
  ...configFile({
    name: "chaos",
    services: { web: tinyConfig() },
    infrastructure: {
      cloud: {
        folder: "cloud",
        program: { plan: "node do.mjs plan", apply: "node do.mjs apply" },
        preventDestroy: false,
      },
    },
    environments: { staging: { deploys: "on-request" } },
  }),
});

const journalOf = async (world: string): Promise<readonly string[]> =>
  (await readFile(`${world}.journal`, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");

async function killTool(world: string): Promise<void> {
  const pid = Number(await readFile(`${world}.pid`, "utf8").catch(() => "0"));
  try {
    if (pid > 1) process.kill(pid, "SIGKILL");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ESRCH") throw thrown;
  }
}

test.each(seededKills("infrastructure", times))(
  "$kills kills of the daemon or the program apply nothing twice and leave nothing unknown untold (seed $seed)",
  async ({ kills, seed }) => {
    const random = seededRandom(seed);
    place = await mkdtemp(join(tmpdir(), "fairway-world-"));
    const world = join(place, "world");
    fairway = await openFairway(project(world, "v0"));
    for (let round = 1; round <= kills; round++) await strike(fairway, world, `v${round}`, random);
  },
  120_000 + times * 40_000,
);

async function strike(under: Fairway, world: string, wanted: string, random: () => number): Promise<void> {
  await rm(`${world}.pid`, { force: true });
  await under.project.commit(`Want ${wanted}`, project(world, wanted));
  const asked = await under.client.call("applyInfrastructure", { environment: "staging", of: "HEAD", by: "ada" });
  const hitsTool = random() < 0.4;
  const later = Math.round(random() * 400);
  if (hitsTool || random() < 0.6) {
    // In the middle of the apply.
    while (!(await journalOf(world)).includes(`begin ${wanted}`)) {
      const run = await under.client.call("run", { run: asked.id });
      if (run.endedAt !== null) break;
      await wait(20);
    }
  }
  await wait(later);
  if (hitsTool) await killTool(world);
  else {
    await under.kill("SIGKILL");
    await under.start().catch(async (thrown: unknown) => {
      const log = await readFile(join(under.data, "daemon.log"), "utf8").catch(() => "");
      throw new Error(`${messageOf(thrown)}\n${log.split("\n").slice(-20).join("\n")}`, { cause: thrown });
    });
  }
  const run = await under.settled(asked);
  await assertTold(under, world, wanted, run);
}

/** What happened and what is told of it are the same. */
async function assertTold(under: Fairway, world: string, wanted: string, run: Run): Promise<void> {
  const journal = await journalOf(world);
  const count = (word: string): number => journal.filter((line) => line === `${word} ${wanted}`).length;
  const [plan] = await under.client.call("infrastructurePlans", { run: run.id });
  const there = await readFile(world, "utf8").catch((thrown: unknown) => messageOf(thrown));
  const told = { run: run.state, plan: plan?.state, attention: run.attention !== null };
  expect(count("begin"), `${wanted} is begun at most once`).toBeLessThanOrEqual(1);
  if (run.state === "succeeded") expect([count("end"), there, told.plan]).toEqual([1, wanted, "applied"]);
  // Begun and not known to have ended: a person must hear of it.
  else if (count("begin") > 0) expect(told).toEqual({ run: "errored", plan: "unknown", attention: true });
  else expect(there).not.toContain(wanted);
}
