import { memoryHost, memoryRouter, specOf } from "@fairway/conformance";
import type { Release, ReleaseId, Target } from "@fairway/core";
import { defaultHealth, defaultRolling, driven } from "@fairway/core";
import { beforeEach, expect, test, vi } from "vitest";
import type { KeeperParts, Quiet } from "./keeper.ts";
import { keeper } from "./keeper.ts";

const release = (id: string): Release =>
  ({
    id: id as ReleaseId,
    parts: [{ service: "api" }],
    project: {
      name: "shop",
      services: [{ name: "api", run: ["node"], health: defaultHealth, stop: { drain: 0, grace: 0 } }],
      environments: [
        {
          name: "test",
          placements: [{ service: "api", replicas: 2, strategy: defaultRolling, env: {}, routes: [] }],
        },
      ],
    },
  }) as unknown as Release;

/** The same, by a strategy that keeps the old set for a minute. */
function warmRelease(id: string): Release {
  const plain = release(id);
  const strategy = { name: "blue-green", bake: 0, keepWarm: 60_000 } as const;
  const environments = plain.project.environments.map((environment) => ({
    ...environment,
    deadline: 0,
    placements: environment.placements.map((placement) => ({ ...placement, strategy })),
  }));
  return { ...plain, project: { ...plain.project, environments } };
}

let now: number;
let quiet: readonly Quiet[];
let told: string[];
let target: Target;
let host: ReturnType<typeof memoryHost>;
let router: ReturnType<typeof memoryRouter>;
let kept: ReturnType<typeof keeper>;
beforeEach(() => {
  now = 0;
  told = [];
  quiet = [{ environment: "test", release: release("r1"), fence: 3, left: null }];
  host = memoryHost();
  router = memoryRouter();
  target = driven({
    host,
    router,
    route: { name: "test/api", rules: [], internalPath: "/api", health: defaultHealth },
    specOf: async (id, ordinal) => specOf(id, ordinal),
    stop: { drain: 0, grace: 0 },
    lookAgain: 1,
  });
  kept = keeper({
    now: () => now,
    clock: () => now,
    tell: (scope: string, message: string) => told.push(`${scope}: ${message}`),
    places: { targetOf: () => target },
  } as unknown as KeeperParts);
});

async function lookAt(time: number): Promise<void> {
  now = time;
  await kept.look(quiet);
  host.tick();
}

test("what is missing is started, what dies is started at once, and what dies again waits", async () => {
  await lookAt(0);
  expect(told).toEqual(["test/api: started again: r1-0, r1-1"]);
  now = 10 * 60_000;
  host.kill("r1-1");
  await lookAt(now);
  expect(told.slice(1)).toEqual(["test/api: r1-1 ended by SIGKILL", "test/api: started again: r1-1"]);
  host.kill("r1-1");
  await lookAt(now + 100);
  expect(kept.troubles()).toEqual(["test/api: r1-1 ended by SIGKILL; it is tried again in 1 s"]);
  expect(host.census()).toEqual({ alive: 1, ready: 1 });
  await lookAt(now + 1000);
  expect(kept.troubles()).toEqual([]);
  expect(host.census()).toEqual({ alive: 2, ready: 2 });
});

test("a new release does not wait for what the old one did", async () => {
  for (const time of [0, 1000, 3000, 7000]) {
    await lookAt(time);
    host.kill("r1-0");
  }
  await lookAt(7001);
  expect(kept.troubles()).toHaveLength(1);
  quiet = [{ environment: "test", release: release("r2"), fence: 4, left: null }];
  await lookAt(7002);
  expect(kept.troubles()).toEqual([]);
  expect(told.at(-1)).toBe("test/api: started again: r2-0, r2-1");
});

test("a start that does not work is tried again with growing pauses, and told once", async () => {
  quiet = [{ environment: "test", release: release("unstartable"), fence: 3, left: null }];
  let tried = 0;
  const { keep } = target;
  target = { ...target, keep: (wanted, start) => ((tried += Number(start === "now")), keep!(wanted, start)) };
  for (let time = 0; time < 600_000; time += 1000) await lookAt(time);
  expect(tried).toBe(15);
  expect(told).toHaveLength(1);
  expect(kept.troubles()).toEqual([expect.stringMatching(/could not start unstartable-0.*it is tried again in \d+ s/)]);
});

test("whoever is overtaken by a deployment says nothing, and troubles end with the quiet", async () => {
  await lookAt(0);
  host.kill("r1-0");
  await lookAt(10);
  expect(kept.troubles()).toHaveLength(1);
  await host.stop("r1-1", 0, { scope: "test/api", epoch: 4, holder: "deployment" });
  told = [];
  await lookAt(5000);
  expect(told).toEqual([]);
  quiet = [];
  await lookAt(6000);
  expect(kept.troubles()).toEqual([]);
});

test("what the last change left is ended when nobody goes back to it any more, and not before", async () => {
  await lookAt(0);
  // As a deployment leaves it: the old ones run, and nothing is sent to them.
  await router.write({ ...(await router.read()), routes: {} });
  const since = new Date(0).toISOString();
  quiet = [
    {
      environment: "test",
      release: warmRelease("r2"),
      fence: 4,
      left: { release: release("r1").id, since, isBad: false },
    },
  ];
  await lookAt(1000);
  await lookAt(59_000);
  expect(host.census().alive).toBe(4);
  told = [];
  await lookAt(60_000);
  await vi.waitUntil(() => told.length > 0, { timeout: 30_000 });
  expect(told).toEqual(["test/api: ended, since nobody goes back to it any more: r1-0, r1-1"]);
  expect((await host.list()).map(({ name }) => name)).toEqual(["r2-0", "r2-1"]);
});
