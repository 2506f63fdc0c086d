import type { ReplicaSpec } from "@fairway/core";
import { replicaHostSuite } from "@fairway/conformance";
import { processWorld, soon } from "../../fixtures/process-world.ts";
import { fastHealth, serviceSpec } from "../../fixtures/service-spec.ts";

replicaHostSuite("processes", () => {
  let world = processWorld();
  return {
    host: world.replicas,
    spec: (name, how): ReplicaSpec => ({
      ...serviceSpec(name, how),
      health: { ...fastHealth, startWithin: how === "never-ready" ? 300 : 10_000 },
    }),
    pass: soon,
    reopen: () => (world = world.reopen()).replicas,
    close: () => world.close(),
  };
});
