import type { FairwayError, Millis } from "@fairway/core";
import type { GuardedFetch, GuardedRequest } from "../outgoing/guarded-fetch.ts";
import { isRecord, textAt } from "./read-github-event.ts";
import { readJsonBytes } from "./read-json.ts";

/** What GitHub answered. */
export type GitHubAnswer =
  | { readonly outcome: "done"; readonly status: number; readonly body: unknown; readonly next: string | null }
  /** Nothing has changed since the same was asked before. */
  | { readonly outcome: "unchanged" }
  | { readonly outcome: "refused"; readonly status: number; readonly why: string }
  /** It asks for a pause, or is away. */
  | { readonly outcome: "later"; readonly why: string; readonly after: Millis | null };

/** GitHub's REST interface, as far as it is asked. */
export interface GitHubApi {
  /** Asks once. `path` begins with a slash, or is the whole address of a next page. */
  ask(method: GuardedRequest["method"], path: string, body?: object): Promise<GitHubAnswer>;
  /** The same for what is asked again and again: what has not changed costs nothing of what may be asked in an hour. */
  look(path: string): Promise<GitHubAnswer>;
  close(): Promise<void>;
}

export interface GitHubApiOptions {
  readonly api: string;
  readonly token: () => Promise<string>;
  readonly outgoing: GuardedFetch;
  readonly now?: () => Millis;
}

/** The version that this speaks (https://docs.github.com/rest/about-the-rest-api/api-versions). */
const version = "2022-11-28";
const longestPause: Millis = 3_600_000;

/** Obeys how often it may ask: while GitHub wants a pause, nothing is asked. */
export function githubApi({ api, token, outgoing, now = Date.now }: GitHubApiOptions): GitHubApi {
  let pausedUntil: Millis = 0;
  const tags = new Map<string, string>();

  async function ask(
    method: GuardedRequest["method"],
    path: string,
    body: object | undefined,
    tag: string | undefined,
  ): Promise<GitHubAnswer & { readonly tag?: string | undefined }> {
    const wait = pausedUntil - now();
    if (wait > 0) return { outcome: "later", why: "GitHub has asked for a pause", after: wait };
    const url = path.startsWith(`${api}/`) ? path : `${api}${path}`;
    const answer = await outgoing.ask({
      method,
      url,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${await token()}`,
        "x-github-api-version": version,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(tag === undefined ? {} : { "if-none-match": tag }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const { status, headers } = answer;
    const pause = pauseOf(status, headers, now());
    if (pause !== null) {
      pausedUntil = now() + pause;
      return { outcome: "later", why: `GitHub asks for a pause (${status})`, after: pause };
    }
    if (status === 304) return { outcome: "unchanged" };
    if (status >= 500) return { outcome: "later", why: `GitHub answered with ${status}`, after: null };
    const json = readJsonBytes(new TextEncoder().encode(answer.body === "" ? "null" : answer.body));
    if (status >= 400)
      return { outcome: "refused", status, why: refusalOf(method, path, status, json.ok ? json.value : null) };
    if (status >= 300)
      return { outcome: "refused", status, why: `${method} ${path} leads elsewhere: has it another name now?` };
    if (!json.ok) return { outcome: "later", why: `GitHub's answer cannot be read: ${json.why}`, after: null };
    return { outcome: "done", status, body: json.value, next: nextOf(headers["link"]), tag: headers["etag"] };
  }

  const orLater = async <Answer extends GitHubAnswer>(asked: Promise<Answer>): Promise<GitHubAnswer> =>
    asked.catch((thrown: unknown): GitHubAnswer => {
      const error = thrown as FairwayError;
      if (error.code === "target_unreachable") return { outcome: "later", why: error.message, after: null };
      if (error.code === "bad_request" || error.code === "secret_missing")
        return { outcome: "refused", status: 0, why: error.message };
      throw thrown;
    });

  return {
    ask: (method, path, body) => orLater(ask(method, path, body, undefined)),
    look: (path) =>
      orLater(
        ask("GET", path, undefined, tags.get(path)).then((answer) => {
          if (answer.outcome === "done" && answer.tag !== undefined) tags.set(path, answer.tag);
          return answer;
        }),
      ),
    close: () => outgoing.close(),
  };
}

/**
 * How long it wants to be left alone (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api); null for
 * not at all.
 */
function pauseOf(status: number, headers: Readonly<Record<string, string | undefined>>, now: Millis): Millis | null {
  if (status !== 403 && status !== 429) return null;
  const seconds = Number(headers["retry-after"]);
  if (headers["retry-after"] !== undefined && seconds >= 0) return Math.min(longestPause, seconds * 1000);
  if (headers["x-ratelimit-remaining"] === "0") {
    const reset = Number(headers["x-ratelimit-reset"]) * 1000;
    return Number.isFinite(reset) ? Math.min(longestPause, Math.max(1000, reset - now)) : 60_000;
  }
  // A 403 without any of it is about permissions.
  return status === 429 ? 60_000 : null;
}

const nextOf = (link: string | undefined): string | null => /<([^>]+)>;\s*rel="next"/u.exec(link ?? "")?.[1] ?? null;

function refusalOf(method: string, path: string, status: number, body: unknown): string {
  const message = isRecord(body) ? textAt(body, "message") : null;
  const errors =
    isRecord(body) && Array.isArray(body["errors"]) ? `: ${JSON.stringify(body["errors"]).slice(0, 300)}` : "";
  return `GitHub refuses ${method} ${path} (${status}${message === null ? "" : `, ${message}`}${errors})`;
}
