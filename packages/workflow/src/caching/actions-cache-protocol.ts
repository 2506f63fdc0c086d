import { FairwayError } from "@fairway/core";
import type { CacheName } from "./cache-entry.ts";
import { answer, type Exchange, jsonBody, signedAddress } from "./exchange.ts";

const service = "/twirp/github.actions.results.api.v1.CacheService/";
/** The client takes a refusal that begins so for a rule and not for a fault. */
const denied = "cache write denied:";

/**
 * The second cache service of GitHub Actions, as `@actions/cache` speaks it: calls in JSON; the bytes go to and from signed
 * addresses. Returns false for an address that is not of this protocol.
 */
export async function speakActionsCache(exchange: Exchange): Promise<boolean> {
  const { request, response, url } = exchange;
  if (request.method !== "POST" || !url.pathname.startsWith(service)) return false;
  const body = await jsonBody(request);
  switch (url.pathname.slice(service.length)) {
    case "CreateCacheEntry":
      answer(response, await create(exchange, body));
      return true;
    case "FinalizeCacheEntryUpload":
      answer(response, await finalize(exchange, body));
      return true;
    case "GetCacheEntryDownloadURL":
      answer(response, find(exchange, body));
      return true;
    default:
      return false;
  }
}

type Body = Readonly<Record<string, unknown>>;

async function create(exchange: Exchange, body: Body): Promise<object> {
  const { store, uploads, grant } = exchange;
  if (grant.saves === null) return { ok: false, message: `${denied} runs of pull requests of forks save no caches` };
  const name = nameIn(grant.saves, body);
  if (store.find(name) !== undefined) return { ok: false, message: `cache entry ${name.key} already exists` };
  return { ok: true, signed_upload_url: signedAddress(exchange, "upload", await uploads.reserve({ name, facts: {} })) };
}

async function finalize({ store, uploads, grant }: Exchange, body: Body): Promise<object> {
  if (grant.saves === null) return { ok: false, message: `${denied} runs of pull requests of forks save no caches` };
  const name = nameIn(grant.saves, body);
  const uploaded = await uploads.uploaded(name);
  if (uploaded === undefined) return { ok: false, message: `nothing was uploaded for ${name.key}` };
  const { id, blob } = uploaded;
  const size = Number(body["size_bytes"] ?? body["sizeBytes"]);
  if (size !== blob.size)
    return { ok: false, message: `${blob.size} bytes were uploaded for ${name.key}, not ${size}` };
  const entry = await store.add(name, blob);
  await uploads.give(id);
  return { ok: true, entry_id: String(entry.number) };
}

function find(exchange: Exchange, body: Body): object {
  const { store, grant } = exchange;
  const keys = body["restore_keys"] ?? body["restoreKeys"] ?? [];
  const entry = store.choose({
    kind: "actions",
    scopes: grant.reads,
    version: textOf(body, "version"),
    key: textOf(body, "key"),
    restoreKeys: Array.isArray(keys) ? keys.map(String).filter((key) => key !== "") : [],
  });
  if (entry === undefined) return { ok: false };
  const id = JSON.stringify([entry.kind, entry.scope, entry.key, entry.version]);
  return { ok: true, signed_download_url: signedAddress(exchange, "download", id), matched_key: entry.key };
}

const nameIn = (scope: string, body: Body): CacheName => ({
  kind: "actions",
  scope,
  key: textOf(body, "key"),
  version: textOf(body, "version"),
});

/** GitHub's bound for a key is 512 characters. */
function textOf(body: Body, field: string): string {
  const value = body[field];
  if (typeof value === "string" && value !== "" && value.length <= 512) return value;
  throw new FairwayError("bad_request", `${field} must be a text of 1 to 512 characters`);
}
