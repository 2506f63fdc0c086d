import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FairwayError, messageOf } from "@fairway/core";
import type Docker from "dockerode";
import { hasCode } from "../process-host/system-error.ts";
import type { EngineAddress } from "./engine-address.ts";
import { endService, podmanService } from "./podman-service.ts";

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
  /**
   * The engine for one build, of which nothing runs any more once `end` has returned: Podman's service goes on with a step
   * whose client is gone, so each build has a service of its own. Those that a daemon left are ended by the next.
   */
  forBuild(): Promise<BuildClient>;
  /**
   * The engine for one conversation with a registry whose certificate this authority (PEM) has signed; null for those that
   * everybody trusts. Only where the service is ours can it be told whom to trust: others have their own settings.
   */
  forRegistry(authority: string | null): Promise<BuildClient>;
  close(): Promise<void>;
}

/** An engine that carries out one build. */
export interface BuildClient {
  readonly docker: Docker;
  end(): Promise<void>;
}

/** What an HTTP status of the engine means as an answer: `{404: () => null}`. */
export type StatusAnswers<T> = Readonly<Record<number, (message: string) => T>>;

/** Of a connection that was kept and is dead, nothing was read any more: EPIPE. */
const notConnected = ["ECONNREFUSED", "ENOENT", "EACCES", "EPIPE"] as const;

/** Opens nothing yet: the first call does. */
export function containerEngine({ address, directory }: EngineOptions): ContainerEngine {
  const socket = address.kind === "socket" ? address.path : join(directory, "engine.sock");
  const main = clientOf(socket);
  const service =
    address.kind === "podman" ? podmanService({ program: address.program, socket, answers: main.answers }) : null;
  const builds = new Set<string>();
  let known = false;
  let closed = false;
  let ended: Promise<void> | null = null;

  /** Once: the builds of an earlier daemon have nobody who waits for them. */
  const endEarlierBuilds = (): Promise<void> => (ended ??= endAllBuilds(directory));

  async function connected(): Promise<Docker> {
    if (!known && service !== null) await Promise.all([service.ensure(), endEarlierBuilds()]);
    known = true;
    return main.docker();
  }

  async function forRegistry(authority: string | null): Promise<BuildClient> {
    if (authority === null || service === null) return { docker: await connected(), end: async () => undefined };
    return forBuild(trusting(directory, authority));
  }

  async function forBuild(env: Readonly<Record<string, string>> = {}): Promise<BuildClient> {
    if (address.kind === "socket") return { docker: await main.docker(), end: async () => undefined };
    await endEarlierBuilds();
    // A build whose service was just ended tries again, and nobody would end the next one.
    if (closed) throw new FairwayError("target_unreachable", "the container engine was closed", { retryable: true });
    const own = join(directory, `${buildPrefix}${randomBytes(4).toString("hex")}.sock`);
    const client = clientOf(own);
    const serving = podmanService({ program: address.program, socket: own, answers: client.answers, env });
    const end = (): Promise<void> => serving.close().finally(() => builds.delete(own));
    builds.add(own);
    try {
      await serving.ensure();
      return { docker: await client.docker(), end };
    } catch (thrown) {
      await end();
      throw thrown;
    }
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
    forBuild: () => forBuild(),
    forRegistry,
    async call(what, question, meanings = {}) {
      try {
        return await ask(question);
      } catch (thrown) {
        const status = statusOf(thrown);
        const meaning = status === null ? undefined : meanings[status];
        if (meaning !== undefined) return meaning(engineWords(thrown));
        throw engineTrouble(what, thrown, socket);
      }
    },
    async close() {
      closed = true;
      if (service === null) return;
      await Promise.all([service.close(), endEarlierBuilds(), ...[...builds].map((build) => endService(build))]);
    },
  };
}

const buildPrefix = "build-";

/** What makes a Go program trust one authority more: it reads every file of these folders (crypto/x509, root_unix.go). */
function trusting(directory: string, authority: string): Readonly<Record<string, string>> {
  const folder = join(directory, `authority-${createHash("sha256").update(authority).digest("hex").slice(0, 16)}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "ca.pem"), authority);
  return { SSL_CERT_DIR: [folder, process.env["SSL_CERT_DIR"] ?? "/etc/ssl/certs:/etc/pki/tls/certs"].join(":") };
}

/** Those of whichever daemon; called before this one begins any. */
async function endAllBuilds(directory: string): Promise<void> {
  const found = existsSync(directory) ? readdirSync(directory) : [];
  // A record is what the service was told by; the socket comes later, and may be gone.
  const sockets = found.filter((name) => name.startsWith(buildPrefix) && name.endsWith(".sock.json"));
  await Promise.all(sockets.map((name) => endService(join(directory, name.slice(0, -".json".length)))));
}

interface Client {
  docker(): Promise<Docker>;
  answers(): Promise<boolean>;
}

function clientOf(socket: string): Client {
  let client: Promise<Docker> | undefined;
  // It brings 200 modules and takes 200 ms, which a daemon without containers would wait for at each start.
  const docker = (): Promise<Docker> =>
    (client ??= import("dockerode").then((module) => new module.default({ socketPath: socket })));
  return {
    docker,
    answers: async () =>
      (await docker()).ping().then(
        () => true,
        () => false,
      ),
  };
}

/** What it means that the engine refused, or did not answer. */
export function engineTrouble(what: string, thrown: unknown, socket: string): FairwayError {
  if (thrown instanceof Error && "code" in thrown && thrown.name === "FairwayError") return thrown as FairwayError;
  if (statusOf(thrown) !== null) {
    const words = engineWords(thrown);
    const nothingToRun = /no command (?:or entrypoint provided|specified)/iu.test(words);
    return new FairwayError("target_unreachable", `the container engine could not ${what}: ${words}`, {
      cause: thrown,
      ...(nothingToRun && { hint: "Give the image a CMD or an ENTRYPOINT in its Dockerfile." }),
      // Podman has the status of a fault of its own for what the image lacks, and would say the same for ever.
      retryable: (statusOf(thrown) ?? 0) >= 500 && !nothingToRun,
    });
  }
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
