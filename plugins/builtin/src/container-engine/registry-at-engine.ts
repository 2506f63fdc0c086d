import type { RegistryAccess } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import { registryTrouble, saysFull } from "../oci-registry/registry-trouble.ts";
import type { ContainerEngine } from "./container-engine.ts";
import { engineWords, statusOf } from "./container-engine.ts";

type Docker = Awaited<ReturnType<ContainerEngine["connected"]>>;

/** A line of what an engine says while it moves an image. */
export interface EngineEvent {
  readonly status?: string;
  readonly stream?: string;
  readonly error?: string;
}

/**
 * What an engine that speaks to a registry is asked: over TLS or not (Podman alone has to be told; Docker takes any
 * registry at a loopback address without), and who we are. That goes in a header, which no engine logs.
 */
export async function moveImage(
  docker: Docker,
  path: string,
  query: Readonly<Record<string, string>>,
  { insecure, login }: Pick<RegistryAccess, "insecure" | "login">,
  tell: (event: EngineEvent) => void,
  signal: AbortSignal | null = null,
): Promise<string | null> {
  try {
    const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) =>
      docker.modem.dial(
        {
          // The client puts the query behind the mark itself.
          path: `${path}?`,
          options: { ...query, ...(insecure ? { tlsVerify: "false" } : {}) },
          method: "POST",
          isStream: true,
          statusCodes: { 200: true, 400: "refused", 401: "refused", 404: "unknown", 500: "failed" },
          // Without one the engine's own count, of `podman login` say.
          ...(login === null ? {} : { authconfig: { ...login, serveraddress: "" } }),
          ...(signal === null ? {} : { abortSignal: signal }),
        },
        (error: unknown, answer: unknown) => {
          if (error) reject(error instanceof Error ? error : new Error(messageOf(error)));
          else resolve(answer as NodeJS.ReadableStream);
        },
      ),
    );
    return await new Promise<string | null>((resolve) =>
      docker.modem.followProgress(
        stream,
        (error, events: readonly EngineEvent[]) =>
          // Podman answers with success, and tells in the stream what went wrong.
          resolve(events.find((event) => event.error !== undefined)?.error ?? (error ? messageOf(error) : null)),
        tell,
      ),
    );
  } catch (thrown) {
    return statusOf(thrown) === null ? messageOf(thrown) : engineWords(thrown);
  }
}

/** What it means that an engine could not push or pull, by what it said of it. `what` ends in the registry's name. */
export function movingTrouble(what: string, said: string, hasLogin: boolean): FairwayError {
  const answered = (status: number): FairwayError =>
    registryTrouble(what, { status, body: "", retryAfter: undefined }, hasLogin);
  if (saysFull(said) || /\b507\b/.test(said)) return answered(507);
  if (/toomanyrequests|too many requests|\b429\b/i.test(said)) return answered(429);
  if (/unauthorized|authentication required|\b401\b/i.test(said)) return answered(401);
  if (/x509|certificate/i.test(said))
    return new FairwayError("registry_refused", `could not ${what}: the engine does not trust its certificate`, {
      hint: "Name its authority in `registry.ca`; an engine that Fairway does not serve itself reads it from certs.d: docs/how-to/use-a-registry.md.",
    });
  if (/server gave HTTP response to HTTPS client/i.test(said))
    return new FairwayError("registry_refused", `could not ${what}: it does not speak TLS`, {
      hint: "For one at this machine's loopback there is `registry.insecure: true`.",
    });
  if (/denied|forbidden|\b403\b/i.test(said))
    return new FairwayError("registry_refused", `could not ${what}: ${said.trim()}`, {
      hint: "The user of `registry.username` needs the right to do this.",
    });
  return new FairwayError("registry_unavailable", `could not ${what}: ${said.trim()}`, {
    hint: "Is it running, and is `registry.server` right?",
    retryable: true,
  });
}
