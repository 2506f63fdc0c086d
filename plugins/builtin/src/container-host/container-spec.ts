import type { ReplicaImage, ReplicaLimits, ReplicaSpec } from "@fairway/core";
import { secretsFolder } from "@fairway/core";
import type Docker from "dockerode";

/** What marks a container as one of a host's; the value is the host's, so that two daemons do not meet. */
export const hostLabel = "dev.fairway.host";

/** What a container is made from, beside the replica itself. */
export interface ContainerPlace {
  readonly host: string;
  readonly scope: string;
  /** Of the machine's loopback. */
  readonly port: number;
  /** `host` for the machine's own, else the name of one of the engine's. */
  readonly network: string;
}

/** Where a replica listens that heeds `PORT` and has a network of its own. */
const insidePort = 8080;
/** The engine's log is copied as it grows; this is for a daemon that stays away. */
const logSize = "256m";

/** The name of a replica's container: only one of this name can be, so a start that is tried again finds the first. */
export const containerName = (host: string, replica: string): string => `fairway-${host}-${replica}`;

/** One that always listens at the same place needs a network of its own, or there could be only one of it. */
export const networkOf = (image: ReplicaImage, network: string): string =>
  image.port !== null && network === "host" ? "bridge" : network;

/**
 * How the engine is told to make a replica. Secrets are in the environment, or in files that are put into it later: labels
 * and words are for everybody.
 */
export function containerSpec(
  spec: ReplicaSpec,
  image: ReplicaImage,
  place: ContainerPlace,
): Docker.ContainerCreateOptions {
  const shares = place.network === "host";
  const inside = shares ? place.port : (image.port ?? insidePort);
  const outside = spec.reachable === true ? "0.0.0.0" : "127.0.0.1";
  const own = { PORT: String(inside), HOST: shares ? outside : "0.0.0.0", FAIRWAY_REPLICA: spec.name };
  const exposed = `${inside}/tcp`;
  return {
    name: containerName(place.host, spec.name),
    Image: image.reference,
    ...(image.command === null ? {} : { Cmd: [...image.command] }),
    Env: Object.entries({ ...openEnvironment(spec, image), ...own }).map(([name, value]) => `${name}=${value}`),
    Labels: {
      [hostLabel]: place.host,
      "dev.fairway.scope": place.scope,
      "dev.fairway.replica": spec.name,
      "dev.fairway.release": spec.release,
    },
    ...(shares ? {} : { ExposedPorts: { [exposed]: {} } }),
    HostConfig: {
      // The first process of a container ignores SIGTERM unless it says otherwise, and many do not.
      Init: true,
      NetworkMode: place.network,
      ...(shares ? {} : { PortBindings: { [exposed]: [{ HostIp: outside, HostPort: String(place.port) }] } }),
      Binds: image.mounts.map((folder) => `${folder}:${folder}`),
      // Who died is replaced by the keeper, which counts and knows when to give up.
      RestartPolicy: { Name: "no" },
      LogConfig: { Type: "json-file", Config: { "max-size": logSize } },
      SecurityOpt: ["no-new-privileges"],
      ...limitsOf(spec.limits ?? {}),
    },
  };
}

/** The variables of a replica that hold a secret, where they are files: name and value. */
export function secretFilesOf(spec: ReplicaSpec, image: ReplicaImage): ReadonlyMap<string, string> {
  if (image.secretFiles !== true) return new Map();
  const secrets = (spec.secrets ?? []).filter((secret) => secret !== "");
  return new Map(Object.entries(spec.env).filter(([, value]) => secrets.some((secret) => value.includes(secret))));
}

/** What may be seen by whoever may ask the engine; for a secret in a file, where that is. */
function openEnvironment(spec: ReplicaSpec, image: ReplicaImage): Readonly<Record<string, string>> {
  const files = secretFilesOf(spec, image);
  const open = Object.entries(spec.env).filter(([name]) => !files.has(name));
  return {
    ...Object.fromEntries([...files.keys()].map((name) => [`${name}_FILE`, `${secretsFolder}/${name}`])),
    ...Object.fromEntries(open),
  };
}

function limitsOf({ memory, cpus, files }: ReplicaLimits): Docker.HostConfig {
  return {
    // Without swap: what is slow for a minute and then dies is worse than what dies.
    ...(memory === undefined ? {} : { Memory: memory, MemorySwap: memory }),
    ...(cpus === undefined ? {} : { NanoCpus: Math.round(cpus * 1e9) }),
    ...(files === undefined ? {} : { Ulimits: [{ Name: "nofile", Soft: files, Hard: files }] }),
  };
}

/** Why a replica cannot be made into a container at all; null when nothing stands in its way. */
export function containerObstacle(spec: ReplicaSpec, image: ReplicaImage): string | null {
  // Named without its value, which may be a secret.
  const torn = Object.entries(spec.env).find(([name, value]) => `${name}${value}`.includes("\0"));
  if (torn) return `the environment variable ${torn[0].replaceAll("\0", "")} has a zero byte in it`;
  const nameless = Object.keys(spec.env).find((name) => name === "" || name.includes("="));
  if (nameless !== undefined) return `"${nameless}" cannot be the name of an environment variable`;
  if (image.command?.some((word) => word.includes("\0"))) return "the command has a zero byte in it";
  return null;
}
