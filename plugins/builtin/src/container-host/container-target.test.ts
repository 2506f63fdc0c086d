import { memoryRouter, targetSuite } from "@fairway/conformance";
import type { TargetWorld } from "@fairway/conformance";
import type { Target } from "@fairway/core";
import { driven } from "@fairway/core";
import { afterAll, beforeAll, describe, vi } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { ContainerWorld, EngineWorld } from "../../fixtures/container-world.ts";
import { containerServiceSpec, containerWorld, engineWorld, serviceImage } from "../../fixtures/container-world.ts";
import { fastHealth } from "../../fixtures/service-spec.ts";
import { containerName } from "./container-spec.ts";

const wait = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

// Each start is a dozen of the engine's own processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe.skipIf(!needs("podman"))("a target of containers", () => {
  let engines: EngineWorld;
  let image: string;
  beforeAll(async () => {
    engines = engineWorld();
    image = await serviceImage(engines);
  }, 120_000);
  afterAll(() => engines.close());

  /** Real containers behind a router that carries nothing. */
  const targetOf = (world: ContainerWorld): Target =>
    driven({
      host: world.replicas,
      router: memoryRouter(),
      route: { name: "test/api", rules: [], internalPath: "/api", health: fastHealth },
      specOf: async (release, ordinal) => ({
        ...containerServiceSpec(image, `api.${release}.${ordinal}`, release),
        release,
      }),
      stop: { drain: 0, grace: 2000 },
      lookAgain: 10,
    });

  targetSuite(
    "containers",
    (): TargetWorld => {
      const world = containerWorld(engines.engine);
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
          const docker = await engines.engine.connected();
          const container = docker.getContainer(containerName(world.host.id, first?.name ?? ""));
          await container.kill();
          await container.wait();
        },
        close: () => world.close(),
      };
    },
    { seeds: 0 },
  );
});
