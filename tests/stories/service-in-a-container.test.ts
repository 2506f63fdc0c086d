import { codeOf } from "@fairway/core";
import type { Leftovers } from "@fairway/server";
import { endLeftovers } from "@fairway/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { containerBase } from "../../tools/container-base.mjs";
import { needs } from "../../tools/skips.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { removeImagesOf } from "./support/images-of.ts";
import { ask } from "./support/requests.ts";
import { stagingOnly, tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded, stateOf } from "./support/watch-run.ts";

describe.skipIf(!needs("podman", "time"))("a service in a container", () => {
  let fairway: Fairway;
  const commits: string[] = [];

  const dockerfile = `ARG BASE
FROM \${BASE}
COPY server.mjs /srv/
WORKDIR /srv
CMD ["node", "server.mjs"]
`;
  const files = (says: string, container: boolean): Files => {
    const health = { path: "/healthz", startWithin: "1m", interval: "200ms" };
    const { run, ...web } = tinyConfig({ path: "web", health });
    return {
      "web/server.mjs": tinyService({ says }),
      "web/Dockerfile": dockerfile,
      ...configFile({
        name: "shop",
        services: { web: container ? { ...web, container: { args: { BASE: containerBase() } } } : { ...web, run } },
        environments: stagingOnly(),
      }),
    };
  };
  const ship = async (message: string, changed: Files): ReturnType<Fairway["ship"]> => {
    const run = await fairway.ship(message, changed);
    commits.push(await fairway.project.git("rev-parse", "HEAD"));
    return run;
  };
  /** What was ended; null while the last threads of the killed daemon still hold its directory. */
  const leftovers = (): Promise<Leftovers | null> =>
    endLeftovers(fairway.data).catch((thrown: unknown) => {
      if (codeOf(thrown) === "daemon_running") return null;
      throw thrown;
    });
  /** What is answered; null while nothing is. */
  const says = (): Promise<string | null> =>
    ask(fairway, "web.staging.localhost").then(
      (about) => about.says,
      () => null,
    );

  beforeAll(async () => {
    containerBase();
    fairway = await openFairway(files("one", false), { containerEngine: "podman" });
  }, 180_000);
  afterAll(async () => {
    try {
      await fairway?.end();
    } finally {
      for (const commit of commits) removeImagesOf(commit);
    }
  });

  test("is built, started and served, and moves there from a process by one deployment", async () => {
    assertEnded(await fairway.release(), "succeeded");
    expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "one", release: "r1" });

    assertEnded(await ship("In a container", files("two", true)), "succeeded");
    expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "two", release: "r2" });
    const [part] = (await fairway.client.call("release", { release: "r2" })).parts;
    expect(part).toMatchObject({ service: "web", image: expect.stringMatching(/^localhost\/fairway\/project\/web$/) });
    await fairway.assertHealthy();
  });

  test("lives on while the daemon is away, and is adopted", async () => {
    const before = await ask(fairway, "web.staging.localhost");
    await fairway.kill("SIGKILL");
    expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ replica: before.replica, says: "two" });
    await fairway.start();
    assertEnded(await ship("Says three", { "web/server.mjs": tinyService({ says: "three" }) }), "succeeded");
    expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "three", release: "r3" });
  });

  test("is built and rolled out to the end when the daemon is killed in the midst of both", async () => {
    const sha = await fairway.project.commit("Says four", {
      "web/server.mjs": tinyService({ says: "four" }),
      "web/Dockerfile": `${dockerfile}RUN sleep 2\n`,
    });
    commits.push(sha);
    const run = await fairway.client.call("makeRelease", { ref: sha, by });
    await fairway.runUntil(run, (now) => stateOf(now, "build:web") === "running");
    await fairway.kill("SIGKILL");
    await fairway.start();
    const released = await fairway.settled(run);
    assertEnded(released, "succeeded");
    const deployment = { id: released.next[0] ?? "" };
    await fairway.runUntil(deployment, (now) => stateOf(now, "rollout:web") === "running" || now.state !== "running");
    await fairway.kill("SIGKILL");
    await fairway.start();
    assertEnded(await fairway.settled(deployment), "succeeded");
    expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "four", release: "r4" });
  });

  test("whose Dockerfile fails makes no release, and the line is told", async () => {
    const broken = `${dockerfile}RUN no-such-program\n`;
    const run = await ship("Broken", { "web/Dockerfile": broken });
    assertEnded(run, "failed");
    expect(run.jobs.find(({ name }) => name === "build:web")?.reason).toMatch(
      /^Dockerfile:6: the image cannot be built/,
    );
    expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "four" });
  });

  test("is ended with what else a killed daemon left", async () => {
    await fairway.kill("SIGKILL");
    expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "four" });
    await expect.poll(leftovers, { timeout: 60_000, interval: 100 }).toMatchObject({ replicas: 1 });
    await fairway.start();
    await expect.poll(() => says(), { timeout: 60_000, interval: 200 }).toBe("four");
  });

  test("goes back to a process by a rollback", async () => {
    const back = await fairway.client.call("rollback", { environment: "staging", release: "r1", by: "ada" });
    const run = await fairway.settled(back);
    assertEnded(run, "succeeded");
    expect(stateOf(run, "finish")).toBe("succeeded");
    expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "one", release: "r1" });
  });
});
