import { setTimeout as wait } from "node:timers/promises";
import type { FreshDatabase } from "../../packages/engine/src/database/test-database.ts";
import { freshDatabase } from "../../packages/engine/src/database/test-database.ts";
import { engineTemplate } from "../../packages/engine/src/runs/engine-for-tests.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Daemon } from "./engine-daemon.ts";
import { startDaemon } from "./engine-daemon.ts";
import { seededKills } from "./kept-seeds.ts";
import { asking, expectNothingLostOrRepeated, makeTarget } from "./recording-target.ts";
import { seededRandom } from "./seeded-random.ts";

const times = Number(process.env["FAIRWAY_CHAOS_KILLS"] ?? 2);
const timesOfTwo = Number(process.env["FAIRWAY_CHAOS_KILLS_OF_TWO"] ?? 1);
/** How soon a daemon goes on depends on how busy the machine is, and is printed; past this it does not. */
const limit = (blows: number): number => 12 * 60_000 + blows * 10_000;

let database: FreshDatabase;
const daemons: Daemon[] = [];

beforeEach(async () => {
  database = await freshDatabase(engineTemplate);
  await makeTarget(database.connectionString);
});

afterEach(async () => {
  for (const daemon of daemons.splice(0)) {
    daemon.child.kill("SIGCONT");
    await daemon.end("SIGKILL");
  }
  await database.drop();
});

const start = (options: object = {}): Daemon => {
  const daemon = startDaemon({ connectionString: database.connectionString, ...options });
  daemons.push(daemon);
  return daemon;
};

test.each(seededKills("engine", times))(
  "a daemon that is killed $kills times loses nothing it acknowledged and repeats nothing it recorded (seed $seed)",
  async ({ kills, seed }) => {
    const random = seededRandom(seed);
    const acknowledged: string[] = [];
    const resumedAfter: number[] = [];
    let inFlight = false;
    for (let kill = 0; kill < kills; kill++) {
      const daemon = start({ startRuns: 6 });
      // One in five is killed while it starts, when it may be taking over from the one before.
      if (random() < 0.2) await wait(random() * 600);
      else {
        await daemon.opened();
        if (inFlight) resumedAfter.push((await daemon.hears((said) => said.did !== undefined)).at - daemon.startedAt);
        await wait(random() * 1_000);
      }
      await daemon.end("SIGKILL");
      acknowledged.push(...daemon.said.flatMap((said) => said.acknowledged ?? []));
      inFlight = await hasRunning();
    }
    const last = start();
    await last.opened();
    await last.drain();
    await expectNothingLostOrRepeated(database.connectionString, acknowledged);
    expect(acknowledged.length).toBeGreaterThan(0);
    const slowest = Math.max(0, ...resumedAfter);
    process.stdout.write(`${kills} kills, ${acknowledged.length} runs acknowledged, slowest to resume ${slowest} ms\n`);
  },
  limit(times),
);

test.each(seededKills("engine", timesOfTwo))(
  "of two workers one is killed $kills times, now this and now that one, and nothing is lost or repeated (seed $seed)",
  async ({ kills, seed }) => {
    const random = seededRandom(seed);
    const acknowledged: string[] = [];
    const pair: [Daemon, Daemon] = [start({ startRuns: 4 }), start({ startRuns: 4 })];
    for (let kill = 0; kill < kills; kill++) {
      const which = random() < 0.5 ? 0 : 1;
      const victim = pair[which];
      // One in four is killed while it starts.
      if (random() < 0.75) {
        await victim.opened();
        await wait(random() * 800);
      } else await wait(random() * 400);
      await victim.end("SIGKILL");
      acknowledged.push(...victim.said.flatMap((said) => said.acknowledged ?? []));
      pair[which] = start({ startRuns: 4 });
    }
    for (const daemon of pair) {
      await daemon.end("SIGKILL");
      acknowledged.push(...daemon.said.flatMap(({ acknowledged: run }) => run ?? []));
    }
    // One that starts no runs of its own, so that there is an end to what is to be drained.
    const last = start();
    await last.opened();
    await last.drain();
    await expectNothingLostOrRepeated(database.connectionString, acknowledged);
    expect(acknowledged.length).toBeGreaterThan(0);
    process.stdout.write(`${kills} kills of two workers, ${acknowledged.length} runs acknowledged\n`);
  },
  limit(timesOfTwo),
);

async function hasRunning(): Promise<boolean> {
  return asking(database.connectionString, async (client) => {
    const { rows } = await client.query("select from fairway.jobs where state = 'running'");
    return rows.length > 0;
  });
}

const oneRun = (steps: number, pause: number): object => ({
  kind: "deployment",
  title: "deploy",
  subject: null,
  requestedBy: "chaos",
  jobs: [
    { name: "lock", stage: "lock", needs: [], turn: "after-success", input: { environment: "env" }, timeout: 0 },
    {
      name: "act",
      stage: "act",
      needs: ["lock"],
      turn: "after-success",
      input: { environment: "env", steps, pause },
      timeout: 600_000,
    },
  ],
});

test("a worker that freezes is replaced, and when it thaws it records nothing and ends", async () => {
  const frozen = start();
  await frozen.opened();
  frozen.tell({ start: oneRun(120, 100) });
  const { started } = await frozen.hears((said) => said.started !== undefined);
  await frozen.hears((said) => said.did === "step 5");
  const other = start();
  await other.opened();
  frozen.child.kill("SIGSTOP");
  const frozenAt = Date.now();
  const first = await other.hears((said) => said.did !== undefined);
  process.stdout.write(`taken over after ${first.at - frozenAt} ms\n`);
  frozen.child.kill("SIGCONT");
  expect(await frozen.gone).toBe(75);
  await other.drain();
  await expectNothingLostOrRepeated(database.connectionString, [started ?? ""]);
});

test("of two workers one is killed, and the other goes on at once with what it executed", async () => {
  const [killed, other] = [start(), start()];
  await Promise.all([killed, other].map((daemon) => daemon.opened()));
  killed.tell({ start: oneRun(60, 100) });
  const { started } = await killed.hears((said) => said.started !== undefined);
  const [busy, idle] = await Promise.race([
    killed.hears((said) => said.did === "step 3").then(() => [killed, other] as const),
    other.hears((said) => said.did === "step 3").then(() => [other, killed] as const),
  ]);
  await busy.end("SIGKILL");
  const killedAt = Date.now();
  const { at } = await idle.hears((said) => said.did !== undefined);
  process.stdout.write(`taken over ${at - killedAt} ms after a kill\n`);
  await idle.drain();
  await expectNothingLostOrRepeated(database.connectionString, [started ?? ""]);
});

test("an attempt that crashes the daemon three times is not tried again, and the run says so", async () => {
  const first = start();
  await first.opened();
  first.tell({
    start: {
      kind: "release",
      title: "poisoned",
      subject: null,
      requestedBy: "chaos",
      jobs: [{ name: "poison", stage: "poison", needs: [], turn: "after-success", input: null, timeout: 600_000 }],
    },
  });
  await first.gone;
  for (let crash = 2; crash <= 3; crash++) await start().gone;
  const survivor = start();
  await survivor.opened();
  await survivor.drain();
  const { rows } = await asking(database.connectionString, (client) =>
    client.query("select state, attention from fairway.runs"),
  );
  expect(rows).toMatchObject([
    { state: "errored", attention: { why: expect.stringMatching(/poison is suspected of crashing Fairway/) } },
  ]);
});
