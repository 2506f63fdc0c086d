import type { ReplicaSpec } from "@fairway/core";
import { replicaHostSuite } from "@fairway/conformance";
import { afterAll, beforeAll, describe, vi } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { EngineWorld } from "../../fixtures/container-world.ts";
import { containerServiceSpec, containerWorld, engineWorld, serviceImage } from "../../fixtures/container-world.ts";
import { soon } from "../../fixtures/process-world.ts";
import { fastHealth } from "../../fixtures/service-spec.ts";

// Each start is a dozen of the engine's own processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe.skipIf(!needs("podman"))("containers", () => {
  let engine: EngineWorld;
  let image: string;
  beforeAll(async () => {
    engine = engineWorld();
    image = await serviceImage(engine);
  }, 120_000);
  afterAll(() => engine.close());

  replicaHostSuite("containers", () => {
    let world = containerWorld(engine.engine);
    return {
      host: world.replicas,
      spec: (name, how): ReplicaSpec => ({
        ...containerServiceSpec(image, name, how),
        health: { ...fastHealth, startWithin: how === "never-ready" ? 300 : 15_000 },
      }),
      pass: soon,
      reopen: () => (world = world.reopen()).replicas,
      close: () => world.close(),
    };
  });
});
