import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { GuardedAnswer, GuardedFetch, GuardedRequest } from "../outgoing/guarded-fetch.ts";

/** A "no" of a platform, as a sentence for people. */
export interface Refusal {
  readonly status: number;
  /** As the platform names it; empty where it does not. */
  readonly code: string;
  readonly sentence: string;
  /** All that it said. */
  readonly body: Json;
}

export type Json = Readonly<Record<string, unknown>>;

/** What a call came to. */
export type Answer = { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly refusal: Refusal };

export interface PlatformCall {
  readonly method: GuardedRequest["method"];
  readonly path: string;
  readonly query?: Readonly<Record<string, string | null>>;
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One platform, asked with one token. */
export interface PlatformApi {
  /** Throws `target_unreachable`, which may be over at the next try, where it did not answer, throttled us, or is ill. */
  call(asked: PlatformCall): Promise<Answer>;
  /** For how long it asked to be left alone; 0 when it did not. */
  quietFor(): Millis;
}

/** How a platform is reached. */
export interface PlatformAccess {
  readonly outgoing: GuardedFetch;
  /** The value of a secret. Throws `secret_missing`. */
  readonly secret: (name: string) => Promise<string>;
  /** What time it is for being asked to wait; the machine's own when left out. */
  readonly now?: () => Millis;
}

export interface PlatformApiParts {
  /** `Vercel`. */
  readonly name: string;
  readonly api: string;
  readonly token: () => Promise<string>;
  /** Of every call. */
  readonly query: Readonly<Record<string, string | null>>;
  readonly outgoing: GuardedFetch;
  readonly now: () => Millis;
  /** What a status and a code of it mean. Null where what the platform says is clear enough. */
  readonly sentenceOf: (refused: Omit<Refusal, "sentence">, said: string) => string | null;
}

/** Never asked to wait longer than this by a header that is nonsense. */
const longestQuiet: Millis = 10 * 60_000;
const usualQuiet: Millis = 5_000;

/** Asks a platform whose API speaks JSON. */
export function platformApi(parts: PlatformApiParts): PlatformApi {
  const { name, api, outgoing, now } = parts;
  let quietUntil = 0;
  const unavailable = (why: string, cause?: unknown): FairwayError =>
    new FairwayError("target_unreachable", `${name} ${why}`, { retryable: true, cause });

  return {
    quietFor: () => Math.max(0, quietUntil - now()),
    async call({ method, path, query = {}, json, bytes, headers = {} }) {
      if (quietUntil > now()) throw unavailable(`asked to be left alone for ${secondsOf(quietUntil - now())}`);
      const url = new URL(`${api}${path}`);
      for (const [key, value] of Object.entries({ ...parts.query, ...query }))
        if (value !== null) url.searchParams.set(key, value);
      const answer = await outgoing.ask({
        method,
        url: url.href,
        headers: {
          authorization: `Bearer ${await parts.token()}`,
          ...(json === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        body: bytes ?? (json === undefined ? undefined : JSON.stringify(json)),
      });
      if (answer.status === 429) {
        const quiet = quietOf(answer, Date.now());
        quietUntil = now() + quiet;
        throw unavailable(`has had too many requests, and asks to be left alone for ${secondsOf(quiet)}`);
      }
      if (answer.status >= 500) throw unavailable(`answered ${answer.status} to ${method} ${path}`);
      const body = jsonOf(answer.body);
      if (answer.status >= 200 && answer.status < 300) {
        if (body === undefined && answer.body.trim() !== "")
          throw unavailable(`answered ${method} ${path} with something that is no JSON; is ${url.host} its API?`);
        return { ok: true, body };
      }
      const record = recordOf(body);
      const error = recordOf(record["error"]);
      const said = textOf(error["message"]) ?? textOf(record["message"]) ?? textOf(record["error"]) ?? "";
      const refused = {
        status: answer.status,
        code: textOf(error["code"]) ?? textOf(record["code"]) ?? "",
        body: record,
      };
      const plain = `${name} answered ${answer.status} to ${method} ${path}${said === "" ? "" : `: ${said}`}`;
      return { ok: false, refusal: { ...refused, sentence: parts.sentenceOf(refused, said) ?? plain } };
    },
  };
}

/** `retry-after` in seconds or as a date, else when the limit is reset (Vercel and Netlify: `x-ratelimit-reset`). */
function quietOf({ headers }: GuardedAnswer, now: Millis): Millis {
  const after = headers["retry-after"];
  const reset = headers["x-ratelimit-reset"];
  const date = (written: string): number => Date.parse(written) - now;
  const wanted =
    after !== undefined
      ? /^\d+$/u.test(after)
        ? Number(after) * 1000
        : date(after)
      : reset === undefined
        ? usualQuiet
        : /^\d+$/u.test(reset)
          ? Number(reset) * 1000 - now
          : date(reset);
  return Number.isFinite(wanted) ? Math.min(longestQuiet, Math.max(100, wanted)) : usualQuiet;
}

const secondsOf = (millis: Millis): string => `${Math.max(1, Math.ceil(millis / 1000))} s`;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is looked at by who called, who knows what was expected.
    return undefined;
  }
}

/** An object, or an empty one for anything else. */
export const recordOf = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

export const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
