import type { ReplicaHost } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { ContainerHost } from "./container-host/container-host.ts";
import type { ProcessHost } from "./process-host/process-host.ts";

/**
 * Processes and containers as one host: a replica with an image becomes a container, any other a process. So a service can
 * move from one to the other by a deployment, and back by a rollback. Without containers, a replica that needs one is
 * refused with what to do.
 */
export function eitherHost(processes: ProcessHost, containers: ContainerHost | null): ProcessHost {
  function forService(environment: string, service: string): ReplicaHost {
    const plain = processes.forService(environment, service);
    const contained = containers?.forService(environment, service) ?? refusing(service);
    return {
      kind: "either",
      evidence: async (name) => (await plain.evidence(name)) ?? contained.evidence(name),
      list: async () => (await Promise.all([plain.list(), contained.list()])).flat(),
      start: (replica, token) => (replica.image === undefined ? plain : contained).start(replica, token),
      // Only one of them has it, and the other does nothing; but both learn the epoch.
      stop: async (name, grace, token) =>
        void (await Promise.all([plain.stop(name, grace, token), contained.stop(name, grace, token)])),
      fence: async (token) => void (await Promise.all([plain.fence(token), contained.fence(token)])),
      forget: async (name, token) =>
        void (await Promise.all([plain.forget(name, token), contained.forget(name, token)])),
    };
  }

  return {
    ...processes,
    forService,
    all: async () => (await Promise.all([processes.all(), containers?.all() ?? []])).flat(),
    stopAll: async (grace) => void (await Promise.all([processes.stopAll(grace), containers?.stopAll(grace)])),
    logPath: (name) => (containers?.keeps(name) === true ? containers.logPath(name) : processes.logPath(name)),
    close() {
      processes.close();
      containers?.close();
    },
  };
}

/** Where no engine is configured there is no container, and none can be started. */
const refusing = (service: string): ReplicaHost => ({
  kind: "none",
  list: async () => [],
  evidence: async () => null,
  async start() {
    throw new FairwayError("not_allowed_now", `${service} runs in a container, and no container engine is configured`, {
      hint: "Start Fairway with one: fairway up --container-engine auto",
    });
  },
  stop: async () => undefined,
  fence: async () => undefined,
  forget: async () => undefined,
});
