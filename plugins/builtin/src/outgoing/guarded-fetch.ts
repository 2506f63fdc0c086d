import type { Millis } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { Agent } from "undici";
import type { ConnectionGuardOptions } from "./connection-guard.ts";
import { connectionGuard } from "./connection-guard.ts";

export interface GuardedFetchOptions extends ConnectionGuardOptions {
  readonly timeout?: Millis;
  /** In bytes; a longer answer is refused. */
  readonly longestAnswer?: number;
}

/** What is asked. */
export interface GuardedRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
}

/** What was answered. Headers in small letters. */
export interface GuardedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** Sends requests to where they may go. */
export interface GuardedFetch {
  /**
   * Asks once and follows no redirect. Throws `bad_request` where the address is refused, `target_unreachable` when there
   * was no answer in time; any status is an answer.
   */
  ask(asked: GuardedRequest): Promise<GuardedAnswer>;
  close(): Promise<void>;
}

/** For addresses that people write. */
export function guardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const { timeout = 10_000, longestAnswer = 1024 * 1024 } = options;
  const guard = connectionGuard(options);
  // Loaded with the first question: a daemon that starts asks none.
  let agent: Agent | undefined;
  const settings = {
    connect: { lookup: guard.lookup, timeout },
    headersTimeout: timeout,
    bodyTimeout: timeout,
    maxHeaderSize: 32 * 1024,
  };

  return {
    async ask({ method, url, headers = {}, body }) {
      const parsed = URL.canParse(url) ? new URL(url) : null;
      if (parsed === null) throw new FairwayError("bad_request", "the address is no URL");
      guard.check(parsed);
      try {
        const { Agent: Opened, request } = await import("undici");
        agent ??= new Opened(settings);
        const answered = await request(parsed, {
          method,
          headers: { "user-agent": "fairway", ...headers },
          ...(body === undefined ? {} : { body }),
          dispatcher: agent,
          signal: AbortSignal.timeout(timeout),
        });
        return {
          status: answered.statusCode,
          headers: flat(answered.headers),
          body: await textWithin(answered.body, longestAnswer),
        };
      } catch (thrown) {
        const cause = ownCause(thrown);
        if (cause !== null) throw cause;
        throw new FairwayError("target_unreachable", `could not ask ${parsed.host}: ${messageOf(thrown)}`, {
          retryable: true,
          cause: thrown,
        });
      }
    },
    close: async () => agent?.close(),
  };
}

/** Our own refusal, however deep the client has put it. */
function ownCause(thrown: unknown): FairwayError | null {
  for (let error = thrown; error instanceof Error; error = error.cause)
    if ("code" in error && error.code === "bad_request") return error as FairwayError;
  return null;
}

const flat = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );

async function textWithin(body: AsyncIterable<Uint8Array>, most: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > most) throw new Error(`its answer is longer than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
