import { memoryRouter, targetSuite } from "@fairway/conformance";
import type { TargetWorld } from "@fairway/conformance";
import type { Rollout, Target } from "@fairway/core";
import { driven } from "@fairway/core";
import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import type { ProcessWorld } from "../../fixtures/process-world.ts";
import { processWorld } from "../../fixtures/process-world.ts";
import { fastHealth, serviceSpec } from "../../fixtures/service-spec.ts";

/** Real processes behind a router that carries nothing. */
const targetOf = (world: ProcessWorld): Target =>
  driven({
    host: world.replicas,
    router: memoryRouter(),
    route: { name: "test/api", rules: [], internalPath: "/api", health: fastHealth },
    specOf: async (release, ordinal) => ({ ...serviceSpec(`api.${release}.${ordinal}`, release), release }),
    stop: { drain: 0, grace: 2000 },
    lookAgain: 10,
  });

const wait = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

targetSuite(
  "processes",
  (): TargetWorld => {
    const world = processWorld();
    return {
      target: targetOf(world),
      pass: wait,
      async census() {
        const all = await world.host.all();
        return {
          alive: all.filter(({ alive }) => alive).length,
          ready: all.filter(({ state }) => state === "ready").length,
        };
      },
      async killOne() {
        const [first] = await world.replicas.list();
        process.kill(await world.pidOf(first?.name ?? ""), "SIGKILL");
      },
      close: () => world.close(),
    };
  },
  { seeds: 0 },
);

const world = processWorld();
afterAll(() => world.close());

test("a rolling deployment of three takes at most 250 ms beyond the boot of the services", async () => {
  const target = targetOf(world);
  const strategy = { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 } as const;
  async function deploy(from: string | null, to: string): Promise<number> {
    const token = { scope: "test/api", epoch: 1, holder: "test" };
    const rollout = {
      id: to,
      environment: "test",
      service: "api",
      from,
      to,
      desired: 3,
      strategy,
      token,
    } as unknown as Rollout;
    const began = Date.now();
    for (;;) {
      const progress = await target.advance(rollout, { candidateChecks: "passed", sinceFullShift: 0 });
      if (progress.phase === "succeeded") break;
      await wait(progress.phase === "moving" ? progress.checkAgainIn : 0);
    }
    const listening = (await world.host.all()).map(({ log }) =>
      Number(/listens at (\d+)/.exec(readFileSync(log, "utf8"))?.[1]),
    );
    return Date.now() - began - (Math.max(...listening) - began);
  }
  await deploy(null, "r1");
  const overheads = [await deploy("r1", "r2"), await deploy("r2", "r3"), await deploy("r3", "r4")];
  // The quickest: what else runs on the machine is not what is measured. 93 to 161 ms with two cores shared.
  expect(Math.min(...overheads)).toBeLessThanOrEqual(250);
});
