import { FairwayError } from "@fairway/core";
import type { GuardedAnswer } from "../outgoing/guarded-fetch.ts";
import { guardedFetch } from "../outgoing/guarded-fetch.ts";
import type { StepAnswer } from "./answer-problem.ts";
import { resolve } from "./live-connections.ts";

/** What a step asks. */
export interface StepRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** Asks as a browser would: with its cookies, and after redirects, each of which is looked at as the first address was. */
export interface LiveFetch {
  /** Throws `bad_request` for an address that is refused and for too many redirects, `target_unreachable` without an answer. */
  ask(request: StepRequest, redirects: number): Promise<StepAnswer>;
  close(): Promise<void>;
}

export function liveFetch(): LiveFetch {
  const fetch = guardedFetch({ origin: "within", resolve, timeout: 30_000, longestAnswer: 8 * 1024 * 1024 });
  /** By origin: nothing of one place is told to another. */
  const jars = new Map<string, Map<string, string>>();

  async function once({ method, url, headers, body }: StepRequest): Promise<GuardedAnswer> {
    const { origin } = new URL(url);
    const jar = jars.get(origin) ?? new Map<string, string>();
    jars.set(origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch.ask({
      method,
      url,
      headers: { ...headers, ...(cookie === "" || headers["cookie"] !== undefined ? {} : { cookie }) },
      body: body ?? undefined,
    });
    for (const [, name = "", value = ""] of (answer.headers["set-cookie"] ?? "").matchAll(
      /(?:^|,\s*)([^=;,\s]+)=([^;,]*)/gu,
    ))
      if (!/^(?:path|expires|max-age|domain|samesite)$/iu.test(name)) jar.set(name, value);
    return answer;
  }

  return {
    async ask(request, redirects) {
      let asked = request;
      for (let followed = 0; ; followed++) {
        const answer = await once(asked);
        const location = answer.headers["location"];
        const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, value ?? ""]));
        if (location === undefined || answer.status < 300 || answer.status > 399 || redirects === 0)
          return { status: answer.status, headers, body: answer.body };
        if (followed === redirects)
          throw new FairwayError(
            "bad_request",
            `it leads on and on: more than ${redirects} redirects, the last to ${location.slice(0, 200)}`,
          );
        asked = redirected(asked, new URL(location, asked.url), answer.status);
      }
    },
    close: () => fetch.close(),
  };
}

/** As the web's fetch does: https://fetch.spec.whatwg.org/#http-redirect-fetch */
function redirected(request: StepRequest, to: URL, status: number): StepRequest {
  const keeps = status === 307 || status === 308 || request.method === "GET";
  const { authorization: _, cookie: __, ...others } = request.headers;
  const headers = to.origin === new URL(request.url).origin ? request.headers : others;
  return { method: keeps ? request.method : "GET", url: to.href, headers, body: keeps ? request.body : null };
}
