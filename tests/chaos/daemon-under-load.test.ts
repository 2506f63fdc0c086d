import { readFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Fairway } from "../stories/support/fairway-under-test.ts";
import { openFairway } from "../stories/support/fairway-under-test.ts";
import type { Files } from "../stories/support/git-project.ts";
import { configFile } from "../stories/support/git-project.ts";
import { until } from "../stories/support/leak-guard.ts";
import { assertEnded } from "../stories/support/watch-run.ts";
import type { LoadReport, MixedLoad } from "./mixed-load.ts";
import { mixedLoad, theMix } from "./mixed-load.ts";

/** The bars of the project want twenty of each; a change is tried with few. */
const full = process.env["FAIRWAY_LOAD"] === "full";
const blows = full ? 20 : 2;
const requestsBetween = full ? 1000 : 200;
const replicas = 2;

let fairway: Fairway;
let load: MixedLoad | undefined;
const adoptedAfter: Record<string, number[]> = {};

beforeAll(async () => {
  fairway = await openFairway(await project("one"));
  assertEnded(await fairway.release(), "succeeded");
  load = mixedLoad({ ...theMix, ...(full ? {} : { rate: 200 }), port: fairway.router.port });
});

afterEach(() => {
  const times = Object.entries(adoptedAfter).map(([how, found]) => `${how} ${found.join(" ")} ms`);
  process.stdout.write(`start to adopted and shown: ${times.join("; ")} (load ${loadavg()[0]})\n`);
});

afterAll(async () => {
  load?.kill();
  await fairway?.end();
});

/** The service that the load asks, which is told which content it is of so that a commit of another makes a release. */
async function project(content: string): Promise<Files> {
  return {
    "api/content.txt": content,
    "api/server.mjs": await readFile(join(import.meta.dirname, "load-service.mjs"), "utf8"),
    ...configFile({
      name: "load",
      services: {
        api: {
          path: "api",
          run: "node server.mjs",
          health: { path: "/healthz", startWithin: "30s", interval: "200ms" },
          stop: { drain: "10s", grace: "2s" },
          replicas,
        },
      },
      environments: {
        place: { deploys: "automatically", services: { api: { routes: [{ host: "127.0.0.1" }] } } },
      },
    }),
  };
}

const report = (): Promise<LoadReport> => (load as MixedLoad).report();

async function moreRequests(): Promise<void> {
  const before = (await report()).requests;
  await until(async () => (await report()).requests > before + requestsBetween, "requests are answered", 60_000);
}

/** The replicas by name and process, each of them ready. */
async function ready(): Promise<readonly string[]> {
  const found = await fairway.replicas("place", "api");
  return found.filter(({ state }) => state === "ready").map(({ name }) => name);
}

test.each(["SIGTERM", "SIGKILL"] as const)(
  `a daemon that is ended ${blows} times by %s and started again costs no request, and finds every replica`,
  async (signal) => {
    const names = await ready();
    expect(names).toHaveLength(replicas);
    const { routerUrl } = await fairway.status();
    const times: number[] = (adoptedAfter[signal] = []);
    for (let blow = 0; blow < blows; blow++) {
      await fairway.kill(signal);
      await moreRequests();
      const began = performance.now();
      await fairway.start();
      await until(async () => (await ready()).length === replicas, "every replica is adopted", 60_000);
      times.push(Math.round(performance.now() - began));
      await moreRequests();
    }
    expect((await report()).failures).toEqual({});
    expect(await ready()).toEqual(names);
    expect((await fairway.status()).routerUrl).toBe(routerUrl);
  },
);

test("what was adopted can be changed: a deployment under the load costs no request either", async () => {
  assertEnded(await fairway.ship("Another content", await project("two")), "succeeded");
  const { failures, firstFailures, releases } = await (load as MixedLoad).stop();
  expect([failures, firstFailures]).toEqual([{}, []]);
  expect(releases).toContain("r2");
});
