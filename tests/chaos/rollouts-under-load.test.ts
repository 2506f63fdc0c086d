import { loadavg } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StrategyOptions } from "@fairway/core";
import { needs } from "../../tools/skips.ts";
import type { LoadReport, MixedLoad } from "./mixed-load.ts";
import { mixedLoad, theMix } from "./mixed-load.ts";
import type { Behaviour, RollingWorld } from "./rolling-world.ts";
import { rollingWorld } from "./rolling-world.ts";

/** The bars of the project want many of each; a change is tried with few. A story has one of each, without faults. */
const full = process.env["FAIRWAY_LOAD"] === "full";
const few = { deployments: 3, mixed: 5, requests: 3000, blows: 2 };
const many = { deployments: 20, mixed: 20, requests: 100_000, blows: 10 };
const { deployments, mixed, requests, blows } = full ? many : few;
const betweenBlows = full ? 3000 : 1500;
const faults: readonly Behaviour[] = ["crashes", "ill", "hangs"];

let world: RollingWorld;
let load: MixedLoad | undefined;

async function open(kind: "local" | "haproxy", mix = theMix): Promise<void> {
  world = await rollingWorld(kind);
  expect(await world.deploy("well")).toBe("succeeded");
  load = mixedLoad({ ...mix, port: world.port });
}

async function stopLoad(): Promise<LoadReport> {
  const report = await (load as MixedLoad).stop();
  load = undefined;
  const { failures, firstFailures, ...rest } = report;
  const figures = JSON.stringify({ ...rest, releases: rest.releases.length, failures, load: loadavg()[0] });
  process.stdout.write(
    `${expect.getState().currentTestName}\n  ${figures}\n${firstFailures.map((line) => `  ${line}\n`).join("")}`,
  );
  return report;
}

/** Of every four one is faulty, each time in another way. They are spread over the whole load. */
async function deployUnderLoad(): Promise<void> {
  for (let one = 0; one < deployments; one++) {
    const how = one % 4 === 1 ? (faults[Math.floor(one / 4) % faults.length] ?? "ill") : "well";
    expect(await world.deploy(how)).toBe(how === "well" ? "succeeded" : "failed");
    await untilRequests((requests / deployments) * (one + 1));
  }
}

async function untilRequests(count: number): Promise<void> {
  while (((await load?.report())?.requests ?? count) < count) await wait(100);
}

afterEach(async () => {
  load?.kill();
  load = undefined;
  await world.close();
});

describe.skipIf(!needs("time"))("under a mixed load of 500 requests a second", () => {
  beforeEach(() => open("local"));

  test("rolling deployments, some of them faulty, cost no request", async () => {
    await deployUnderLoad();
    const report = await stopLoad();
    expect(report.failures).toEqual({});
    expect(report.requests).toBeGreaterThanOrEqual(requests);
    expect(report.handedOver).toBeGreaterThan(0);
    expect(report.releases.length).toBeGreaterThanOrEqual(deployments - Math.ceil(deployments / 4));
  });

  test("switches by every strategy, some of them back to a warm set, cost no request", async () => {
    const switches: readonly (StrategyOptions | "back")[] = [
      { name: "blue-green", bake: 100, keepWarm: 600_000 },
      "back",
      { name: "canary", steps: [10, 50].map((weight) => ({ weight, pause: 300 })), bake: 0, sticky: true, keepWarm: 0 },
      { name: "linear", step: 30, every: 200, bake: 0 },
      { name: "rolling", minimumHealthyPercent: 50, maximumPercent: 200 },
    ];
    for (let one = 0; one < mixed; one++) {
      const next = switches[one % switches.length] ?? "back";
      // A canary whose new replicas are ill, which brings the old ones back.
      const how = one % 10 === 7 ? "ill" : "well";
      const outcome = await (next === "back" ? world.goBack() : world.deploy(how, next));
      expect(outcome).toBe(how === "well" ? "succeeded" : "failed");
      await untilRequests((requests / mixed) * (one + 1));
    }
    const report = await stopLoad();
    expect(report.failures).toEqual({});
    expect(report.requests).toBeGreaterThanOrEqual(requests);
  });

  test("upgrades of the router cost no request", async () => {
    for (let one = 0; one < blows; one++) {
      await wait(betweenBlows / 2);
      const before = (await world.router.status()).pid.worker;
      expect((await world.router.upgrade()).worker).not.toBe(before);
    }
    await wait(betweenBlows);
    expect((await stopLoad()).failures).toEqual({});
  });

  test("a killed worker of the router refuses nobody: what was open is reset, and nothing else happens", async () => {
    for (let one = 0; one < blows; one++) {
      await wait(betweenBlows);
      process.kill((await world.router.status()).pid.worker, "SIGKILL");
    }
    await wait(betweenBlows);
    const { failures } = await stopLoad();
    // The connections of a process die with it; a hang-up is how Node's client tells of one that ended unanswered.
    const resets =
      /^(\S+ (ECONNRESET|EPIPE|socket hang up|aborted)|websocket closed with 1006|events cut within an event)$/;
    expect(Object.keys(failures).filter((what) => !resets.test(what))).toEqual([]);
  });

  test("a killed replica costs no GET", async () => {
    for (let one = 0; one < blows; one++) {
      // Longer than the slow requests take: one that loses its replica again and again is given up after four tries.
      await wait(4000);
      const victim = (await world.host.all()).find(({ state, pid }) => state === "ready" && pid !== null);
      process.kill(victim?.pid ?? 0, "SIGKILL");
      await world.keepUntilReady();
    }
    const { failures } = await stopLoad();
    // What is sent only once, and streams, go down with the process that had them.
    expect(Object.keys(failures).filter((what) => /^(get|fresh|slow) /.test(what))).toEqual([]);
  });
});

describe.skipIf(!needs("haproxy", "time"))("with HAProxy, under the same load without streams", () => {
  beforeEach(() => open("haproxy", { ...theMix, webSockets: 0, eventStreams: 0 }));

  test("rolling deployments and reloads cost no request", async () => {
    const [deployed] = await Promise.all([deployUnderLoad(), reloads()]);
    expect(deployed).toBeUndefined();
    expect((await stopLoad()).failures).toEqual({});
  });

  async function reloads(): Promise<void> {
    for (let one = 0; one < blows; one++) {
      await wait(betweenBlows);
      await world.router.upgrade();
    }
  }
});
