import type { ReleaseId, ReplicaSpec, RoutingTable } from "@fairway/core";
import { defaultHealth, driven } from "@fairway/core";
import { crashingHost, crashingRouter } from "./crashes.ts";
import { memoryHost } from "./memory-host.ts";
import { memoryRouter } from "./memory-router.ts";
import type { TargetSetup, TargetWorld } from "./target-suite.ts";

export interface DrivenWorldOptions {
  /** How likely a replica that starts gets ready within a moment. */
  readonly readiness: number;
  /** How likely whoever drives crashes before or after an effect. */
  readonly crashes: number;
}

/** A target driven over a memory host and a memory router, which tells when traffic goes where nobody is ready. */
export function drivenWorld(setup: TargetSetup, { readiness, crashes }: DrivenWorldOptions): TargetWorld {
  const { chance } = setup;
  const host = memoryHost({ getsReady: () => chance() < readiness, onChange: setup.onChange });
  const misrouted: string[] = [];
  const router = memoryRouter({
    onWrite: (table) => void host.list().then((all) => misrouted.push(...misroutes(table, all))),
  });
  const crash = (): boolean => setup.crashes && chance() < crashes;

  const target = driven({
    host: crashingHost(host, crash),
    router: crashingRouter(router, crash),
    route: {
      name: "test/api",
      rules: [{ host: "*", path: "/" }],
      internalPath: "/api",
      health: { path: "/healthz", interval: 1000, timeout: 1000 },
    },
    specOf: async (release, ordinal) => specOf(release, ordinal),
    stop: { drain: 0, grace: 0 },
    lookAgain: 1,
  });

  return {
    target,
    pass: () => host.tick(),
    census: () => host.census(),
    failuresOf: (release) => host.failuresOf(release),
    async killOne() {
      const ready = (await host.list()).find((replica) => replica.state === "ready");
      if (ready) host.kill(ready.name);
    },
    close() {
      if (misrouted.length > 0)
        throw new Error(`traffic went to replicas that were not ready: ${misrouted.join(", ")}`);
    },
  };
}

/** A replica that exists only in memory. */
export const specOf = (release: ReleaseId, ordinal: number): ReplicaSpec => ({
  name: `${release}-${ordinal}`,
  release,
  command: ["serve"],
  directory: "/",
  env: {},
  health: defaultHealth,
});

const misroutes = (
  table: RoutingTable,
  replicas: readonly { readonly name: string; readonly state: string }[],
): readonly string[] =>
  Object.values(table.routes)
    .flatMap((route) => route.groups)
    .flatMap((group) => group.endpoints)
    .filter((endpoint) => replicas.find((replica) => replica.name === endpoint.replica)?.state !== "ready")
    .map((endpoint) => endpoint.replica);
