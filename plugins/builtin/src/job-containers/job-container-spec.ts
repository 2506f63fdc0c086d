import type { ContainerHealthCheck, ContainerSettings, JobContainerSpec } from "@fairway/core";
import type Docker from "dockerode";

/** What marks a container or network as a job's; the value says which. */
export const jobLabel = "dev.fairway.job";
/** The data directory of the daemon that it belongs to. */
export const ownerLabel = "dev.fairway.owner";

const nanoseconds = (millis: number): number => millis * 1e6;

/** How the engine is told to make a container of a job. */
export function jobContainerOptions(spec: JobContainerSpec, owner: string): Docker.ContainerCreateOptions {
  const { settings, network } = spec;
  const bindings = spec.ports.map(({ container, protocol, host }) => [
    `${container}/${protocol}`,
    [{ HostIp: host === null ? "127.0.0.1" : "", HostPort: host === null ? "" : String(host) }],
  ]);
  return {
    name: spec.name,
    Image: spec.image,
    Labels: { [jobLabel]: spec.job, [ownerLabel]: owner },
    Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    ...(spec.entrypoint === null ? {} : { Entrypoint: [...spec.entrypoint] }),
    ...(spec.command === null ? {} : { Cmd: [...spec.command] }),
    ...(settings.user === null ? {} : { User: settings.user }),
    ...(settings.workingDirectory === null ? {} : { WorkingDir: settings.workingDirectory }),
    ...(settings.hostname === null ? {} : { Hostname: settings.hostname }),
    ...(settings.health === null ? {} : { Healthcheck: healthOf(settings.health) }),
    ExposedPorts: Object.fromEntries(bindings.map(([port]) => [port, {}])),
    HostConfig: {
      ...(network === null ? {} : { NetworkMode: network }),
      PortBindings: Object.fromEntries(bindings),
      Binds: spec.mounts.map(
        ({ from, to, readOnly }) => `${from === null ? "" : `${from}:`}${to}${readOnly ? ":ro" : ""}`,
      ),
      ...hostSettings(settings),
    },
    ...(network === null
      ? {}
      : { NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [...spec.aliases] } } } }),
  };
}

function hostSettings(settings: ContainerSettings): Docker.HostConfig {
  const { memory, cpus, sharedMemory } = settings;
  return {
    ...(memory === null ? {} : { Memory: memory }),
    ...(cpus === null ? {} : { NanoCpus: Math.round(cpus * 1e9) }),
    ...(sharedMemory === null ? {} : { ShmSize: sharedMemory }),
    ...(settings.init ? { Init: true } : {}),
    ...(settings.privileged ? { Privileged: true } : {}),
    ...(settings.readOnly ? { ReadonlyRootfs: true } : {}),
    CapAdd: [...settings.addCapabilities],
    CapDrop: [...settings.dropCapabilities],
    ExtraHosts: [...settings.hosts],
    Tmpfs: Object.fromEntries(settings.temporaryFolders.map((folder) => [folder, ""])),
  };
}

function healthOf({ command, interval, timeout, startPeriod, retries }: ContainerHealthCheck): Docker.HealthConfig {
  return {
    ...(command === null ? {} : { Test: command === "" ? ["NONE"] : ["CMD-SHELL", command] }),
    ...(interval === null ? {} : { Interval: nanoseconds(interval) }),
    ...(timeout === null ? {} : { Timeout: nanoseconds(timeout) }),
    ...(startPeriod === null ? {} : { StartPeriod: nanoseconds(startPeriod) }),
    ...(retries === null ? {} : { Retries: retries }),
  };
}
