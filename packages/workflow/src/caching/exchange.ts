import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { FairwayError } from "@fairway/core";
import type { BlockUploads } from "./block-uploads.ts";
import type { CacheEntry } from "./cache-entry.ts";
import type { CacheGrant } from "./cache-grant.ts";
import type { CacheStore } from "./cache-store.ts";

/** What every protocol works with. */
export interface CacheParts {
  readonly store: CacheStore;
  readonly uploads: BlockUploads;
  readonly key: Uint8Array;
}

/** One request, and who asks. */
export interface Exchange extends CacheParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly grant: CacheGrant;
}

/** Bodies of calls; what is uploaded is never read into memory. */
const longestBody = 1024 * 1024;

/** A body as JSON. Throws `bad_request` for what is none, or too long. */
export async function jsonBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const text = await textBody(request);
  try {
    const value: unknown = JSON.parse(text === "" ? "{}" : text);
    if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new FairwayError("bad_request", "the body is no JSON", { cause });
  }
  throw new FairwayError("bad_request", "the body is no object");
}

/** A body as text. Throws `bad_request` when it is longer than a call may be. */
export async function textBody(request: IncomingMessage): Promise<string> {
  // Looked at first: once a body is cut off in the middle nothing can be answered any more.
  if (Number(request.headers["content-length"]) > longestBody) throw tooLong();
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > longestBody) throw tooLong();
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

const tooLong = (): FairwayError => new FairwayError("bad_request", `the body is longer than ${longestBody} bytes`);

/** Answers with JSON. */
export function answer(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

/** Sends an entry's bytes, or the range that was asked for, once they are known to be what was saved. */
export async function sendEntry(
  { store, request, response }: Pick<Exchange, "store" | "request" | "response">,
  entry: CacheEntry | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  if (entry === undefined || !(await store.isSound(entry)))
    return answer(response, { code: "not_found", message: "nothing is saved under this name" }, 404);
  const { size } = entry;
  const asked = rangeOf(request, size);
  if (asked === "outside") {
    response.writeHead(416, { "content-range": `bytes */${size}` }).end();
    return;
  }
  const { from, to } = asked ?? { from: 0, to: size - 1 };
  const bytes = request.method === "HEAD" || size === 0 ? undefined : await store.blobs.read(entry.digest, from, to);
  response.writeHead(asked === undefined ? 200 : 206, {
    "content-type": "application/octet-stream",
    "content-length": to - from + 1,
    "accept-ranges": "bytes",
    etag: `"${entry.digest}"`,
    "last-modified": new Date(entry.createdAt).toUTCString(),
    ...(asked === undefined ? {} : { "content-range": `bytes ${from}-${to}/${size}` }),
    ...headers,
  });
  if (bytes === undefined) response.end();
  else await pipeline(bytes, response);
}

function rangeOf(
  { headers }: IncomingMessage,
  size: number,
): { readonly from: number; readonly to: number } | "outside" | undefined {
  const text = String(headers["x-ms-range"] ?? headers.range ?? "");
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(text) ?? [];
  if (first === "" && last === "") return undefined;
  const from = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  return from > to ? "outside" : { from, to };
}

/** What a signed address allows. */
export type SignedUse = "upload" | "download";

const addressesLast = 6 * 60 * 60 * 1000;

/** An address that by itself allows one use of one thing for some hours: storage clients send no token. */
export function signedAddress({ url, key }: Pick<Exchange, "url" | "key">, use: SignedUse, id: string): string {
  const until = String(Date.now() + addressesLast);
  const signed = new URL(`/_cache-blobs/${use}/${encodeURIComponent(id)}`, url);
  signed.searchParams.set("until", until);
  signed.searchParams.set("sig", signatureOf(key, use, encodeURIComponent(id), until));
  return signed.href;
}

/** The use and the thing of a signed address; undefined when the signature is wrong or its time is over. */
export function signedUse(url: URL, key: Uint8Array): { readonly use: SignedUse; readonly id: string } | undefined {
  const [, use, encoded = ""] = /^\/_cache-blobs\/(upload|download)\/([^/]+)$/.exec(url.pathname) ?? [];
  if (use !== "upload" && use !== "download") return undefined;
  const until = url.searchParams.get("until") ?? "";
  const given = Buffer.from(url.searchParams.get("sig") ?? "");
  const right = Buffer.from(signatureOf(key, use, encoded, until));
  if (given.length !== right.length || !timingSafeEqual(given, right) || Number(until) < Date.now()) return undefined;
  return { use, id: decodeURIComponent(encoded) };
}

const signatureOf = (key: Uint8Array, use: SignedUse, encodedId: string, until: string): string =>
  createHmac("sha256", key)
    .update(JSON.stringify([use, encodedId, until]))
    .digest("hex");
