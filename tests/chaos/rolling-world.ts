import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { EnsuredHaproxy, EnsuredRouter, ProcessHost } from "@fairway/builtin";
import {
  containerEngine,
  containerHost,
  engineAddress,
  ensureHaproxy,
  ensureRouter,
  haproxyRouter,
  localRouter,
  processHost,
} from "@fairway/builtin";
import type { HealthCheck, Progress, ReleaseId, Rollout, StrategyOptions, Target, TrafficRouter } from "@fairway/core";
import { atOnce, defaultBlueGreen, driven, plainFacts, releaseId, rolloutId, runId } from "@fairway/core";
import { processesOf } from "./processes-of.ts";

/** How the replicas of a release behave. */
export type Behaviour = "well" | "crashes" | "ill" | "hangs";

/** What processes and containers have in common. */
export type RollingHost = Pick<ProcessHost, "forService" | "all" | "stopAll" | "close">;

/** A service of two replicas, deployed by the real parts: target, host, router. Only the daemon is not there. */
export interface RollingWorld {
  readonly port: number;
  readonly router: EnsuredRouter | EnsuredHaproxy;
  readonly traffic: TrafficRouter;
  readonly host: RollingHost;
  /** Rolls a new release out, and back if it fails. */
  deploy(how: Behaviour, strategy?: StrategyOptions): Promise<"succeeded" | "failed">;
  /** Goes back to the release from before, as a rollback does; to one that still runs where the last deployment kept it. */
  goBack(): Promise<"succeeded" | "failed">;
  /** Replaces what died, until all replicas are ready again. */
  keepUntilReady(): Promise<void>;
  /** Throws when a process is left. */
  close(): Promise<void>;
}

const replicas = 2;
const service = join(import.meta.dirname, "load-service.mjs");
const program = join(import.meta.dirname, "../../apps/router/dist/main.js");
/** An engine that starts containers leaves a machine of two processors little: one that is slow then is not ill. */
const healthOf = (image: string | null): HealthCheck => ({
  path: "/healthz",
  interval: 1000,
  timeout: image === null ? 500 : 5000,
  startWithin: image === null ? 10_000 : 60_000,
});
/** A faulty release that never answers is given up after this; on a busy machine a good one takes 2 s to boot. */
const faultyStartWithin = 3000;

/** Opens it with nothing deployed. The replicas are processes, or containers of an image that has the service in it. */
export async function rollingWorld(kind: "local" | "haproxy", image: string | null = null): Promise<RollingWorld> {
  const folder = await mkdtemp(join(tmpdir(), "fairway-load-"));
  const directory = join(folder, "router");
  const addresses = { publicAddress: "127.0.0.1:0", internalAddress: "127.0.0.1:0" };
  const log = join(folder, "router.log");
  const router =
    kind === "local"
      ? await ensureRouter({ directory, ...addresses, program, log })
      : await ensureHaproxy({ directory, ...addresses });
  const traffic = kind === "local" ? localRouter({ directory }) : haproxyRouter({ directory });
  const engine = image === null ? null : containerEngine({ address: engineAddress("podman"), directory: folder });
  const place = join(folder, "replicas");
  const host = engine === null ? processHost({ directory: place }) : containerHost({ engine, directory: place });
  const behaviours = new Map<ReleaseId, Behaviour>();
  const target = targetOf(host, traffic, behaviours, image);
  let [deployments, running]: [number, ReleaseId | null] = [0, null];

  let before: ReleaseId | null = null;

  const rolloutTo = (to: ReleaseId, strategy: StrategyOptions = rolling): Rollout => ({
    id: rolloutId(runId(deployments), "api"),
    environment: "test",
    service: "api",
    from: running,
    to,
    desired: replicas,
    strategy,
    token: { scope: "test/api", epoch: deployments, holder: "load" },
  });

  return {
    port: Number(router.publicAddress.split(":").at(-1)),
    router,
    traffic,
    host,
    async deploy(how, strategy) {
      const release = releaseId(++deployments);
      behaviours.set(release, how);
      const rollout = rolloutTo(release, strategy);
      const outcome = await end(advancing(target, rollout));
      if (outcome === "succeeded") [before, running] = [running, release];
      else if ((await end(() => target.abort(rollout))) === "failed") throw new Error("it could not be rolled back");
      return outcome;
    },
    async goBack() {
      if (before === null) throw new Error("nothing ran before");
      deployments++;
      const outcome = await end(advancing(target, rolloutTo(before, atOnce({ ...defaultBlueGreen, bake: 0 }))));
      if (outcome === "succeeded") [before, running] = [null, before];
      return outcome;
    },
    async keepUntilReady() {
      if (running === null) throw new Error("nothing runs yet");
      const wanted = rolloutTo(running);
      while ((await target.keep?.(wanted))?.ready !== replicas) await wait(lookAgain);
    },
    async close() {
      await router.stop();
      await host.stopAll(0);
      host.close();
      await engine?.close();
      const left = processesOf(folder).map(({ pid, command }) => `${pid} ${command}`);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      if (left.length > 0) throw new Error(`left running:\n${left.join("\n")}`);
    },
  };
}

const lookAgain = 25;
const rolling: StrategyOptions = { name: "rolling", minimumHealthyPercent: 50, maximumPercent: 200 };

/** Looks with the time since the share of traffic last changed, as whoever drives a rollout does. */
function advancing(target: Target, rollout: Rollout): () => Promise<Progress> {
  let shifted: { readonly weight: number | undefined; readonly at: number } | null = null;
  return async () => {
    const sinceShift = shifted === null ? 0 : performance.now() - shifted.at;
    const progress = await target.advance(rollout, { ...plainFacts, sinceShift });
    if (progress.phase === "moving" && shifted?.weight !== progress.weight)
      shifted = { weight: progress.weight, at: performance.now() };
    return progress;
  };
}

const targetOf = (
  host: RollingHost,
  router: TrafficRouter,
  behaviours: ReadonlyMap<ReleaseId, Behaviour>,
  image: string | null,
): Target => {
  const health = healthOf(image);
  return driven({
    host: host.forService("test", "api"),
    router,
    route: { name: "test/api", rules: [{ host: "*", path: "/" }], internalPath: "/test/api", health },
    specOf: async (release, ordinal) => {
      const how = behaviours.get(release) ?? "well";
      return {
        name: `api.${release}.${ordinal}`,
        release,
        command: [process.execPath, service, how],
        directory: import.meta.dirname,
        env: { FAIRWAY_RELEASE: release },
        ...(image === null ? {} : { image: { reference: image, command: inImage(how), port: null, mounts: [] } }),
        health: { ...health, interval: 25, startWithin: how === "well" ? health.startWithin : faultyStartWithin },
      };
    },
    stop: { drain: 10_000, grace: 2000 },
    lookAgain,
  });
};

/** Where the service lies in an image of it. */
const inImage = (how: Behaviour): readonly string[] => ["node", "/srv/load-service.mjs", how];

async function end(move: () => Promise<Progress>): Promise<"succeeded" | "failed"> {
  for (;;) {
    const progress = await move();
    if (progress.phase !== "moving") return progress.phase;
    await wait(progress.checkAgainIn);
  }
}
