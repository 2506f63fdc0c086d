import type { ReleaseId } from "@fairway/core";
import { defaultHealth } from "@fairway/core";
import { memoryHost } from "./memory-host.ts";
import { replicaHostSuite } from "./replica-host-suite.ts";

replicaHostSuite("in memory", () => {
  const host = memoryHost();
  return {
    host,
    spec: (name, how) => ({
      name,
      release: "r1" as ReleaseId,
      command: ["serve", how],
      directory: "/",
      env: {},
      health: defaultHealth,
    }),
    pass: () => host.tick(),
    close: () => undefined,
  };
});
