import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { codeOf, messageOf } from "@fairway/core";
import { speakActionsCache } from "./actions-cache-protocol.ts";
import { speakArtifacts } from "./artifact-protocol.ts";
import { speakBlobs } from "./blob-protocol.ts";
import { BlockUploads } from "./block-uploads.ts";
import { type CacheGrant, type CachingJob, cacheToken, grantFor, grantOf } from "./cache-grant.ts";
import { CacheStore, type CacheStoreOptions } from "./cache-store.ts";
import { answer, type CacheParts, type Exchange } from "./exchange.ts";
import { speakNx } from "./nx-protocol.ts";
import { speakTurbo } from "./turbo-protocol.ts";

export type { CacheEntry } from "./cache-entry.ts";
export type { CachingJob } from "./cache-grant.ts";

/** What a job's processes must know to use the caches; all values but the token may be shown. */
export interface CacheAccess {
  readonly token: string;
  /** For Turborepo and Nx, in any command. */
  readonly toolEnv: Readonly<Record<string, string>>;
  /** For actions: the cache and artifact clients of GitHub. */
  readonly actionsEnv: Readonly<Record<string, string>>;
}

/** One store of bytes that Turborepo, Nx, `@actions/cache` and `@actions/artifact` find things in. */
export interface CacheServer {
  /** Answers a request whose path `isCachePath` knows. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** What a job is given, good until a time; `url` is where the job reaches this server. */
  accessFor(job: CachingJob, url: string, until: Date): Promise<CacheAccess>;
  /** How many bytes are kept. */
  readonly size: number;
}

/** Opens the caches of a directory, which one process may use. What a crash left is put right. */
export async function openCacheServer(options: CacheStoreOptions): Promise<CacheServer> {
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const store = await CacheStore.open(options);
  const uploads = await BlockUploads.open(join(options.directory, "uploads"), store.blobs, options.limit);
  const parts: CacheParts = { store, uploads, key: await keyIn(options.directory) };
  return {
    handle: (request, response) => handle(parts, request, response),
    accessFor: async (job, url, until) => accessOf(await cacheToken(grantFor(job), parts.key, until), url),
    get size() {
      return store.size;
    },
  };
}

const protocols: readonly ((exchange: Exchange) => Promise<boolean>)[] = [
  speakTurbo,
  speakNx,
  speakActionsCache,
  speakArtifacts,
];

async function handle(parts: CacheParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const url = new URL(request.url ?? "/", `http://${request.headers.host ?? "localhost"}`);
    if (url.pathname.startsWith("/_cache-blobs/")) return await speakBlobs(parts, request, response, url);
    const grant = await whoAsks(request, parts.key);
    if (grant === undefined) return refuse(request, response, 401, "unauthenticated", "this token is not valid here");
    for (const speak of protocols) if (await speak({ ...parts, request, response, url, grant })) return;
    refuse(request, response, 404, "bad_route", `there is no ${request.method} ${url.pathname}`);
  } catch (thrown) {
    const [status, code] = statusOf(thrown);
    // A client that left in the middle of a transfer needs no answer.
    if (response.headersSent || response.destroyed) response.destroy();
    else refuse(request, response, status, code, messageOf(thrown));
  }
}

/** In the words of Twirp, which the other clients do not look at. */
function statusOf(thrown: unknown): readonly [status: number, code: string] {
  switch (codeOf(thrown)) {
    case "bad_request":
      return [400, "invalid_argument"];
    case "not_allowed_now":
      return [403, "permission_denied"];
    case "not_found":
      return [404, "not_found"];
    case "locked":
      return [409, "already_exists"];
    default:
      return [500, "internal"];
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number, code: string, msg: string): void {
  // What is still being sent is read, or the client would see a broken connection and not the answer.
  request.resume();
  answer(response, { code, msg, message: msg }, status);
}

async function whoAsks({ headers }: IncomingMessage, key: Uint8Array): Promise<CacheGrant | undefined> {
  const [, token] = /^Bearer (\S+)$/i.exec(headers.authorization ?? "") ?? [];
  return token === undefined ? undefined : grantOf(token, key);
}

const accessOf = (token: string, url: string): CacheAccess => {
  const origin = new URL(url).origin;
  return {
    token,
    toolEnv: {
      TURBO_API: origin,
      TURBO_TOKEN: token,
      TURBO_TEAM: "fairway",
      NX_SELF_HOSTED_REMOTE_CACHE_SERVER: origin,
      NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: token,
    },
    actionsEnv: {
      ACTIONS_RESULTS_URL: `${origin}/`,
      ACTIONS_RUNTIME_URL: `${origin}/`,
      ACTIONS_RUNTIME_TOKEN: token,
      ACTIONS_CACHE_SERVICE_V2: "true",
    },
  };
};

/** Tokens stay valid when the server is started again: a job may outlive it. */
async function keyIn(directory: string): Promise<Uint8Array> {
  const path = join(directory, "key");
  const found = await readFile(path).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== "ENOENT") throw thrown;
  });
  if (found?.length === 32) return found;
  const key = randomBytes(32);
  await writeFile(`${path}.new`, key, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return key;
}
