import type { JobContainerState, Millis } from "@fairway/core";
import type Docker from "dockerode";
import type { ContainerEngine } from "../container-engine/container-engine.ts";

type Health = JobContainerState["health"];

/** Knows whether containers are well that have a command to ask by. */
export interface ContainerHealth {
  of(container: Docker.ContainerInspectInfo): Promise<Health>;
}

/** What Docker takes when nobody says. */
const defaultInterval: Millis = 30_000;
const defaultRetries = 3;

/**
 * Docker asks by itself. Podman asks by timers of systemd, which need not be there; asked on demand it answers everywhere,
 * but of one answer only: it is ill when none was good for as long as its retries would have taken.
 */
export function containerHealth(engine: ContainerEngine): ContainerHealth {
  const firstAsked = new Map<string, number>();

  function judge({ Id, Config }: Docker.ContainerInspectInfo, isGood: boolean): Health {
    if (isGood) return "healthy";
    const { Interval = 0, Retries = 0, StartPeriod = 0 } = Config.Healthcheck ?? {};
    const patience = (Interval / 1e6 || defaultInterval) * (Retries || defaultRetries) + StartPeriod / 1e6;
    const since = firstAsked.get(Id) ?? performance.now();
    firstAsked.set(Id, since);
    return performance.now() - since > patience ? "unhealthy" : "starting";
  }

  return {
    async of(container) {
      const answer = await askPodman(engine, container.Id);
      if (answer !== null) return judge(container, answer.Status === "healthy");
      const told = container.State.Health?.Status;
      return told === "healthy" || told === "unhealthy" ? told : "starting";
    },
  };
}

/** Null from an engine that has no such call. */
const askPodman = (engine: ContainerEngine, id: string): Promise<{ readonly Status?: string } | null> =>
  engine.call<{ readonly Status?: string } | null>(
    "ask for a container's health",
    async (docker) =>
      (await dial(docker, `/v4.0.0/libpod/containers/${id}/healthcheck`)) as { readonly Status?: string },
    // 409 and 500 for one that has ended meanwhile, which the next look shows.
    { 400: () => null, 404: () => null, 409: () => null, 500: () => null },
  );

const dial = (docker: Docker, path: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const statusCodes = { 200: true, 404: "no such address", 409: "not running", 500: "could not be asked" };
    docker.modem.dial({ path, method: "GET", statusCodes }, (error: Error | null, answer: unknown) => {
      if (error) reject(error);
      else resolve(answer);
    });
  });
