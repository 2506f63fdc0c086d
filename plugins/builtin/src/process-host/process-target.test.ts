import { memoryRouter, targetSuite } from "@fairway/conformance";
import type { TargetWorld } from "@fairway/conformance";
import type { Target } from "@fairway/core";
import { driven } from "@fairway/core";
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
