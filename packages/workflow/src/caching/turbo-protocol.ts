import { answer, type Exchange, jsonBody, sendEntry } from "./exchange.ts";
import type { CacheEntry } from "./cache-entry.ts";

/**
 * Turborepo's remote cache: https://turborepo.dev/api/remote-cache-spec. What a task made is found by its hash, so any of
 * the refs that may be read will do. Returns false for an address that is not of this protocol.
 */
export async function speakTurbo(exchange: Exchange): Promise<boolean> {
  const { request, response, url } = exchange;
  const { method } = request;
  if (!url.pathname.startsWith("/v8/artifacts")) return false;
  const [, hash = ""] = /^\/v8\/artifacts\/([\w-]{1,200})$/.exec(url.pathname) ?? [];
  if (url.pathname === "/v8/artifacts" && method === "POST") await tellMany(exchange);
  else if (hash === "status" && method === "GET") answer(response, { status: "enabled" });
  else if (hash === "events" && method === "POST") {
    await jsonBodyOfAny(exchange);
    answer(response, {});
  } else if (hash !== "" && (method === "GET" || method === "HEAD")) {
    const entry = found(exchange, hash);
    await sendEntry(exchange, entry, headersOf(entry));
  } else if (hash !== "" && method === "PUT") await save(exchange, hash);
  else return false;
  return true;
}

const nameIn = (scope: string, key: string) => ({ kind: "turbo", scope, key, version: "" }) as const;

function found({ store, grant }: Exchange, hash: string): CacheEntry | undefined {
  for (const scope of grant.reads) {
    const entry = store.find(nameIn(scope, hash));
    if (entry !== undefined) return entry;
  }
  return undefined;
}

const headersOf = (entry: CacheEntry | undefined): Record<string, string> => ({
  "x-artifact-duration": entry?.facts["duration"] ?? "0",
  ...(entry?.facts["tag"] === undefined ? {} : { "x-artifact-tag": entry.facts["tag"] }),
});

async function save({ store, grant, request, response }: Exchange, hash: string): Promise<void> {
  if (grant.saves === null) {
    request.resume();
    return answer(response, { code: "forbidden", message: "this run may read caches and save none" }, 403);
  }
  const blob = await store.receive(request);
  if ("refused" in blob) return answer(response, { code: "too_large", message: "larger than all caches may be" }, 413);
  const { "x-artifact-duration": duration, "x-artifact-tag": tag } = request.headers;
  await store.add(nameIn(grant.saves, hash), blob, {
    ...(typeof duration === "string" ? { duration } : {}),
    ...(typeof tag === "string" ? { tag } : {}),
  });
  answer(response, { urls: [] }, 202);
}

async function tellMany(exchange: Exchange): Promise<void> {
  const { hashes } = await jsonBody(exchange.request);
  const told = (Array.isArray(hashes) ? hashes : []).slice(0, 10_000).map((hash): [string, object | null] => {
    const entry = found(exchange, String(hash));
    if (entry === undefined) return [String(hash), null];
    const { duration = "0", tag } = entry.facts;
    return [
      String(hash),
      { size: entry.size, taskDurationMs: Number(duration), ...(tag === undefined ? {} : { tag }) },
    ];
  });
  answer(exchange.response, Object.fromEntries(told));
}

/** Events are an array; they are only statistics, and nothing is done with them. */
async function jsonBodyOfAny({ request }: Exchange): Promise<void> {
  for await (const part of request) void part;
}
