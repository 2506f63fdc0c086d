import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { until } from "./support/leak-guard.ts";
import { ask, startLoad } from "./support/requests.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

let fairway: Fairway;

beforeAll(async () => {
  fairway = await openFairway(webProject({}, { service: { replicas: 2 } }));
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

/** The pids of the replicas that are ready, each asked directly. */
async function readyPids(): Promise<readonly number[]> {
  const addresses = (await fairway.replicas()).flatMap(({ state, address }) =>
    state === "ready" && address ? [address] : [],
  );
  const found = await Promise.all(
    addresses.map((address) =>
      ask({ router: { host: "127.0.0.1", port: Number(address.split(":")[1]) } }, "web").catch(() => null),
    ),
  );
  return found.flatMap((about) => about?.pid ?? []);
}

test("a replica whose process is killed is started again, and no GET notices", async () => {
  const [victim = 0, other = 0] = await readyPids();
  const load = startLoad(fairway, "web.staging.localhost");
  await until(() => load.answered > 20, "requests come in");
  process.kill(victim, "SIGKILL");
  await until(async () => {
    const pids = await readyPids();
    return pids.length === 2 && !pids.includes(victim);
  }, "two replicas are ready again");
  const served = await load.stop();

  expect(served.failures).toEqual([]);
  expect(await readyPids()).toContain(other);
  await fairway.assertHealthy();
});

test("when all of them are killed at once they all come back by themselves", async () => {
  const victims = await readyPids();
  for (const pid of victims) process.kill(pid, "SIGKILL");
  await until(
    async () => (await readyPids()).filter((pid) => !victims.includes(pid)).length === 2,
    "two others are ready",
  );
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ release: "r1" });
});
