import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { FairwayError } from "@fairway/core";

/** Where a container engine is: a socket that answers the Engine API, or Podman's program, which can serve one. */
export type EngineAddress =
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "podman"; readonly program: string };

/** What is looked at to find an engine. */
export interface EngineSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly exists: (path: string) => boolean;
}

const hint = "Give the path of a socket (unix:///run/docker.sock), or podman, or install Podman or Docker.";

/**
 * The engine of these words: `auto` takes `DOCKER_HOST`, then the usual sockets of Docker and Podman, then Podman's
 * program. Only engines of this machine: replicas are reached at its loopback. Throws `bad_request` for words that name none.
 */
export function engineAddress(
  words: string,
  { env, exists }: EngineSurroundings = { env: process.env, exists: existsSync },
): EngineAddress {
  if (words === "auto") return found({ env, exists });
  if (words.startsWith("unix://")) return { kind: "socket", path: words.slice("unix://".length) };
  if (words.startsWith("/")) return { kind: "socket", path: words };
  if (words === "podman") {
    const program = onPath("podman", { env, exists });
    if (program !== null) return { kind: "podman", program };
    throw new FairwayError("bad_request", "podman was asked for and is not in PATH", { hint });
  }
  throw new FairwayError("bad_request", `"${words}" is no container engine of this machine`, { hint });
}

/**
 * Buildah's program, where these words name it, or where `auto` finds no engine: it can build and push, and run nothing.
 * Null where there is an engine, or no Buildah either.
 */
export function buildahProgram(
  words: string,
  surroundings: EngineSurroundings = { env: process.env, exists: existsSync },
): string | null {
  const program = words === "buildah" || words === "auto" ? onPath("buildah", surroundings) : null;
  if (words === "buildah" && program === null)
    throw new FairwayError("bad_request", "buildah was asked for and is not in PATH", { hint });
  return words === "auto" && hasEngine(surroundings) ? null : program;
}

const hasEngine = (surroundings: EngineSurroundings): boolean => {
  const told = surroundings.env["DOCKER_HOST"];
  return (told !== undefined && told !== "") || engineHere(surroundings) !== null;
};

function found({ env, exists }: EngineSurroundings): EngineAddress {
  const told = env["DOCKER_HOST"];
  if (told !== undefined && told !== "") return engineAddress(told, { env, exists });
  const here = engineHere({ env, exists });
  if (here !== null) return here;
  throw new FairwayError("bad_request", "there is no container engine on this machine", { hint });
}

function engineHere({ env, exists }: EngineSurroundings): EngineAddress | null {
  const user = env["XDG_RUNTIME_DIR"];
  const sockets = [
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/run/podman/podman.sock",
    ...(user === undefined ? [] : [join(user, "docker.sock"), join(user, "podman/podman.sock")]),
  ];
  const path = sockets.find((socket) => exists(socket));
  if (path !== undefined) return { kind: "socket", path };
  const program = onPath("podman", { env, exists });
  return program === null ? null : { kind: "podman", program };
}

function onPath(program: string, { env, exists }: EngineSurroundings): string | null {
  const paths = (env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, program));
  return paths.find((path) => exists(path)) ?? null;
}
