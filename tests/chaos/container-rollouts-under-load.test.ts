import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { removeImages } from "../../plugins/builtin/fixtures/remove-images.ts";
import { containerBase } from "../../tools/container-base.mjs";
import { needs } from "../../tools/skips.ts";
import type { MixedLoad } from "./mixed-load.ts";
import { mixedLoad, theMix } from "./mixed-load.ts";
import type { RollingWorld } from "./rolling-world.ts";
import { rollingWorld } from "./rolling-world.ts";

/** The bar of the project is twenty; a change is tried with few. */
const full = process.env["FAIRWAY_LOAD"] === "full";
const deployments = full ? 20 : 2;
const requests = full ? 100_000 : 2000;

describe.skipIf(!needs("podman", "time"))("containers under a mixed load of 500 requests a second", () => {
  const image = `localhost/fairway-load-${process.pid}`;
  let world: RollingWorld;
  let load: MixedLoad;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "fairway-image-"));
    try {
      const lines = [`FROM ${containerBase()}`, "COPY load-service.mjs /srv/", ""];
      await writeFile(join(folder, "Containerfile"), lines.join("\n"));
      const file = join(folder, "Containerfile");
      execFileSync("podman", ["build", "-q", "--layers=false", "-t", image, "-f", file, import.meta.dirname]);
    } finally {
      await rm(folder, { recursive: true });
    }
    world = await rollingWorld("local", image);
    if ((await world.deploy("well")) === "failed") throw new Error("the first release failed");
    load = mixedLoad({ ...theMix, port: world.port });
  });

  afterAll(async () => {
    load?.kill();
    await world?.close();
    removeImages([image]);
  });

  const untilRequests = async (count: number): Promise<void> => {
    while ((await load.report()).requests < count) await wait(100);
  };

  /** Of every four one is faulty. They are spread over the whole load. */
  test("rolling deployments, some of them faulty, cost no request", async () => {
    for (let one = 0; one < deployments; one++) {
      const how = one % 4 === 1 ? "crashes" : "well";
      expect(await world.deploy(how)).toBe(how === "well" ? "succeeded" : "failed");
      await untilRequests((requests / deployments) * (one + 1));
    }
    const { failures, firstFailures, releases, ...figures } = await load.stop();
    const line = JSON.stringify({ ...figures, releases: releases.length, failures, load: loadavg()[0] });
    process.stdout.write(`${deployments} container rollouts: ${line}\n${firstFailures.join("\n")}\n`);
    expect(failures).toEqual({});
    expect(figures.requests).toBeGreaterThanOrEqual(requests);
    expect(releases.length).toBeGreaterThanOrEqual(1);
  });
});
