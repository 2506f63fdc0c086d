import { memoryRouter, targetSuite, untilReplicas } from "@fairway/conformance";
import type { TargetWorld } from "@fairway/conformance";
import type { Replica, Target } from "@fairway/core";
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
        const name = first?.name ?? "";
        process.kill(await world.pidOf(name), "SIGKILL");
        const lives = (all: readonly Replica[]): boolean =>
          all.some((replica) => replica.name === name && replica.alive);
        await untilReplicas(
          world.replicas,
          (all) => !lives(all),
          () => wait(3),
        );
      },
      close: () => world.close(),
    };
  },
  { seeds: 0 },
);
