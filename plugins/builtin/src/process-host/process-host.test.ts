import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replicaHostSuite } from "@fairway/conformance";
import type { ReplicaSpec } from "@fairway/core";
import { processHost } from "./process-host.ts";
import { homesWithProcesses } from "./replica-processes.ts";
import { fastHealth, serviceSpec } from "../../fixtures/service-spec.ts";

replicaHostSuite("processes", () => {
  const directory = mkdtempSync(join(tmpdir(), "fairway-processes-"));
  const hosts = [processHost({ directory })];
  return {
    host: hosts[0]!.forService("test", "api"),
    spec: (name, how): ReplicaSpec => ({
      ...serviceSpec(name, how),
      health: { ...fastHealth, startWithin: how === "never-ready" ? 300 : 10_000 },
    }),
    pass: () => new Promise((resolve) => setTimeout(resolve, 5)),
    reopen() {
      hosts.at(-1)?.close();
      const next = processHost({ directory });
      hosts.push(next);
      return next.forService("test", "api");
    },
    async close() {
      const last = hosts.at(-1)!;
      await last.stopAll(0);
      for (const host of hosts) host.close();
      const left = [...homesWithProcesses(directory).keys()];
      if (left.length > 0) throw new Error(`processes are left of ${left.join(", ")}`);
      rmSync(directory, { recursive: true });
    },
  };
});
