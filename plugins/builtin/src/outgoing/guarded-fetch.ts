import { lookup as systemLookup } from "node:dns";
import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { isIP } from "node:net";
import type { Millis } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { Agent } from "undici";
import { addressGuard, urlRefusal } from "./address-guard.ts";

export interface GuardedFetchOptions {
  /** Private addresses that requests may go to, as ranges. */
  readonly allowPrivate?: readonly string[];
  readonly timeout?: Millis;
  /** In bytes; a longer answer is refused. */
  readonly longestAnswer?: number;
  /** Names to addresses; the system's when left out. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
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

/**
 * For addresses that people write. The addresses of the host are looked at where the connection is made, and all of them:
 * a name that answers with something else the second time, or with two things, gets nowhere.
 */
export function guardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const { allowPrivate = [], timeout = 10_000, longestAnswer = 1024 * 1024 } = options;
  const guard = addressGuard(allowPrivate);
  const resolve = options.resolve ?? resolveBySystem;
  const refused = (host: string, why: string): FairwayError =>
    new FairwayError("bad_request", `requests to ${host} are refused: ${why}`, {
      hint: "allow the range in the configuration if it is meant",
    });

  /** As undici asks, in place of the system's own: every address must be allowed. */
  const lookup: LookupFunction = (host, wanted, answer): void => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined) return answer(new Error(`${host} has no address`), "");
        for (const { address } of addresses) {
          const why = guard.refusal(address);
          if (why !== null) return answer(refused(host, why), "");
        }
        if (wanted.all === true) answer(null, [...addresses]);
        else answer(null, first.address, first.family);
      },
      (thrown: unknown) => answer(thrown instanceof Error ? thrown : new Error(String(thrown)), ""),
    );
  };
  // Loaded with the first question: a daemon that starts asks none.
  let agent: Agent | undefined;
  const settings = {
    connect: { lookup, timeout },
    headersTimeout: timeout,
    bodyTimeout: timeout,
    maxHeaderSize: 32 * 1024,
  };

  return {
    async ask({ method, url, headers = {}, body }) {
      const parsed = URL.canParse(url) ? new URL(url) : null;
      if (parsed === null) throw new FairwayError("bad_request", "the address is no URL");
      const problem = urlRefusal(parsed);
      if (problem !== null) throw refused(parsed.hostname, problem);
      // A host that is an address already is not looked up.
      const literal = parsed.hostname.replace(/^\[|\]$/gu, "");
      const why = isIP(literal) === 0 ? null : guard.refusal(literal);
      if (why !== null) throw refused(parsed.hostname, why);
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

const resolveBySystem = (host: string): Promise<readonly LookupAddress[]> =>
  new Promise((resolve, reject) => {
    systemLookup(host, { all: true, verbatim: true }, (error, addresses) =>
      error === null ? resolve(addresses) : reject(error),
    );
  });

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
