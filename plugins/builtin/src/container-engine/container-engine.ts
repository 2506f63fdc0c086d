import { join } from "node:path";
import { FairwayError, messageOf } from "@fairway/core";
import type Docker from "dockerode";
import { hasCode } from "../process-host/system-error.ts";
import type { EngineAddress } from "./engine-address.ts";
import { podmanService } from "./podman-service.ts";

/** Which engine, and where its socket is when we serve it ourselves. */
export interface EngineOptions {
  readonly address: EngineAddress;
  /** Absolute; for the socket of a Podman that is served by us. */
  readonly directory: string;
}

/** The container engine of this machine, by the Engine API of Docker, which Podman speaks too. */
export interface ContainerEngine {
  /** Where it answers; nobody may answer before the first call. */
  readonly socket: string;
  /**
   * Asks the engine something. A status among `answers` is an answer; else throws `target_unreachable` with the engine's
   * own words. A connection that could not be made is tried once more, since nothing was asked by then.
   */
  call<T>(what: string, ask: (docker: Docker) => Promise<T>, answers?: StatusAnswers<T>): Promise<T>;
  /** The engine as it is, started when it is ours to start. For streams, whose errors come later. */
  connected(): Promise<Docker>;
  close(): Promise<void>;
}

/** What an HTTP status of the engine means as an answer: `{404: () => null}`. */
export type StatusAnswers<T> = Readonly<Record<number, (message: string) => T>>;

const notConnected = ["ECONNREFUSED", "ENOENT", "EACCES"] as const;

/** Opens nothing yet: the first call does. */
export function containerEngine({ address, directory }: EngineOptions): ContainerEngine {
  const socket = address.kind === "socket" ? address.path : join(directory, "engine.sock");
  let client: Promise<Docker> | undefined;
  // It brings 200 modules and takes 200 ms, which a daemon without containers would wait for at each start.
  const docker = (): Promise<Docker> =>
    (client ??= import("dockerode").then((module) => new module.default({ socketPath: socket })));
  const answers = async (): Promise<boolean> =>
    (await docker()).ping().then(
      () => true,
      () => false,
    );
  const service = address.kind === "podman" ? podmanService({ program: address.program, socket, answers }) : null;
  let known = false;

  async function connected(): Promise<Docker> {
    if (!known) await service?.ensure();
    known = true;
    return docker();
  }

  async function ask<T>(question: (docker: Docker) => Promise<T>): Promise<T> {
    try {
      return await question(await connected());
    } catch (thrown) {
      if (service === null || !hasCode(thrown, ...notConnected)) throw thrown;
      known = false;
      return question(await connected());
    }
  }

  return {
    socket,
    connected,
    async call(what, question, meanings = {}) {
      try {
        return await ask(question);
      } catch (thrown) {
        const status = statusOf(thrown);
        const meaning = status === null ? undefined : meanings[status];
        if (meaning !== undefined) return meaning(engineWords(thrown));
        throw trouble(what, thrown, socket);
      }
    },
    close: async () => service?.close(),
  };
}

function trouble(what: string, thrown: unknown, socket: string): FairwayError {
  if (thrown instanceof Error && "code" in thrown && thrown.name === "FairwayError") return thrown as FairwayError;
  if (statusOf(thrown) !== null)
    return new FairwayError("target_unreachable", `the container engine could not ${what}: ${engineWords(thrown)}`, {
      cause: thrown,
      retryable: (statusOf(thrown) ?? 0) >= 500,
    });
  return new FairwayError("target_unreachable", `could not ${what}: no container engine answers at ${socket}`, {
    hint: hasCode(thrown, "EACCES") ? "The daemon's user may not use this socket." : "Is it running?",
    cause: thrown,
    retryable: true,
  });
}

/** The HTTP status of an answer that was a no; null when there was no answer. */
export function statusOf(thrown: unknown): number | null {
  if (!(thrown instanceof Error) || !("statusCode" in thrown)) return null;
  return typeof thrown.statusCode === "number" ? thrown.statusCode : null;
}

/** The engine's own sentence, without what the client wraps around it. */
export function engineWords(thrown: unknown): string {
  if (thrown instanceof Error && "json" in thrown) {
    const { json } = thrown;
    if (typeof json === "object" && json !== null && "message" in json) return String(json.message).trim();
  }
  return messageOf(thrown).trim();
}
