import { mkdtemp, readdir, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isCachePath } from "./cache-paths.ts";
import type { CachingJob } from "./cache-server.ts";
import { type ServedCaches, servedCaches } from "./testing/served-caches.ts";

const limit = 5_000_000;
let root: string;
let caches: ServedCaches;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-caches-"));
  caches = await servedCaches(root, limit);
});
afterEach(async () => {
  await caches.close();
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
});

async function ask(
  path: string,
  init: {
    readonly method?: string;
    readonly body?: string | Uint8Array;
    readonly headers?: Record<string, string>;
  } = {},
  job: Partial<CachingJob> = {},
): Promise<Response> {
  const { token } = await caches.access(job);
  const url = new URL(path, caches.url);
  return fetch(url, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } } as RequestInit);
}

async function call(method: string, body: object, job: Partial<CachingJob> = {}): Promise<Record<string, string>> {
  const service = method.includes("Artifact") ? "ArtifactService" : "CacheService";
  const path = `/twirp/github.actions.results.api.v1.${service}/${method}`;
  return (await (await ask(path, { method: "POST", body: JSON.stringify(body) }, job)).json()) as Record<
    string,
    string
  >;
}

const entry = { key: "k", version: "v" };
async function saved(bytes: string): Promise<string> {
  const { signed_upload_url: url = "" } = await call("CreateCacheEntry", entry);
  await fetch(url, { method: "PUT", body: bytes });
  await call("FinalizeCacheEntryUpload", { ...entry, size_bytes: String(bytes.length) });
  return (await call("GetCacheEntryDownloadURL", entry))["signed_download_url"] ?? "";
}

describe("who may", () => {
  it.each([
    ["no token", {}],
    ["no token of ours", { authorization: "Bearer eyJhbGciOiJub25lIn0.e30." }],
    ["no bearer", { authorization: "Basic YTpi" }],
  ])("is nobody with %s", async (_what, headers) => {
    for (const path of ["/v8/artifacts/abc", "/v1/cache/abc", "/twirp/github.actions.results.api.v1.CacheService/x"])
      expect((await fetch(caches.url + path, { headers })).status).toBe(401);
  });

  it("is nobody whose token's time is over, and everybody with a good one after a new start", async () => {
    const usual = { run: "r", job: "j", ref: "main", defaultBranch: "main", fromFork: false };
    const { token: old } = await caches.server.accessFor(usual, caches.url, new Date(Date.now() - 1_000));
    const { token } = await caches.access();
    await caches.close();
    caches = await servedCaches(root, limit);
    const status = async (bearer: string): Promise<number> =>
      (await fetch(`${caches.url}/v8/artifacts/status`, { headers: { authorization: `Bearer ${bearer}` } })).status;
    expect([await status(old), await status(token)]).toEqual([401, 200]);
  });

  it("use a signed address is only who got it, for what it is", async () => {
    const url = new URL(await saved("bytes"));
    expect(await (await fetch(url)).text()).toBe("bytes");
    expect((await fetch(url, { method: "PUT", body: "other" })).status).toBe(404);
    for (const [field, value] of [
      ["sig", "0".repeat(64)],
      ["until", "9999999999999"],
    ] as const) {
      const forged = new URL(url);
      forged.searchParams.set(field, value);
      expect((await fetch(forged)).status).toBe(403);
    }
    const other = new URL(url);
    other.pathname = other.pathname.replace("download", "upload");
    expect((await fetch(other, { method: "PUT", body: "other" })).status).toBe(403);
  });

  it("see and change artifacts are only the jobs of their run", async () => {
    const body = { workflow_run_backend_id: "run-1", workflow_job_run_backend_id: "build", name: "site" };
    expect(await call("CreateArtifact", body, { run: "run-2" })).toMatchObject({ code: "permission_denied" });
    expect(await call("ListArtifacts", body, { run: "run-2" })).toMatchObject({ code: "permission_denied" });
  });

  it("save is no pull request of a fork, with any client", async () => {
    const fork = { ref: "refs/pull/1/merge", fromFork: true };
    expect((await ask("/v8/artifacts/abc", { method: "PUT", body: "x" }, fork)).status).toBe(403);
    expect((await ask("/v1/cache/abc", { method: "PUT", body: "x" }, fork)).status).toBe(403);
    expect(await call("CreateCacheEntry", entry, fork)).toMatchObject({ ok: false });
    expect(caches.server.size).toBe(0);
  });

  it("reads no other ref's entries, nor those of another kind of client", async () => {
    await ask("/v1/cache/abc", { method: "PUT", body: "x" }, { ref: "refs/heads/feature" });
    expect((await ask("/v1/cache/abc")).status).toBe(404);
    expect((await ask("/v8/artifacts/abc", {}, { ref: "refs/heads/feature" })).status).toBe(404);
    expect((await ask("/v1/cache/abc", {}, { ref: "refs/heads/feature" })).status).toBe(200);
  });
});

describe("uploads", () => {
  it("in blocks are put together in the order of the list, also by a server that was started anew", async () => {
    const { signed_upload_url: url = "" } = await call("CreateCacheEntry", entry);
    await fetch(`${url}&comp=block&blockid=Mg%3D%3D`, { method: "PUT", body: "world" });
    await fetch(`${url}&comp=block&blockid=MQ%3D%3D`, { method: "PUT", body: "hello " });
    await caches.close();
    caches = await servedCaches(root, limit);
    const here = new URL(url);
    const moved = `${caches.url}${here.pathname}${here.search}`;
    const list = "<BlockList><Latest>MQ==</Latest><Latest>Mg==</Latest></BlockList>";
    expect((await fetch(`${moved}&comp=blocklist`, { method: "PUT", body: list })).status).toBe(201);
    expect(await call("FinalizeCacheEntryUpload", { ...entry, size_bytes: "11" })).toMatchObject({ ok: true });
    const { signed_download_url: from = "" } = await call("GetCacheEntryDownloadURL", entry);
    expect(await (await fetch(from)).text()).toBe("hello world");
    expect(await readdir(join(root, "uploads"))).toEqual([]);
  });

  it("that are not whole, or not what the client says, get no name", async () => {
    const { signed_upload_url: url = "" } = await call("CreateCacheEntry", entry);
    expect(await call("FinalizeCacheEntryUpload", { ...entry, size_bytes: "3" })).toMatchObject({ ok: false });
    const list = "<BlockList><Latest>MQ==</Latest></BlockList>";
    expect((await fetch(`${url}&comp=blocklist`, { method: "PUT", body: list })).status).toBe(400);
    await fetch(url, { method: "PUT", body: "abc" });
    expect(await call("FinalizeCacheEntryUpload", { ...entry, size_bytes: "4" })).toMatchObject({ ok: false });
    expect(await call("GetCacheEntryDownloadURL", entry)).toEqual({ ok: false });

    const artifact = { workflow_run_backend_id: "run-1", workflow_job_run_backend_id: "build", name: "site" };
    const { signed_upload_url: to = "" } = await call("CreateArtifact", artifact);
    await fetch(to, { method: "PUT", body: "abc" });
    const wrong = { ...artifact, size: "3", hash: `sha256:${"0".repeat(64)}` };
    expect(await call("FinalizeArtifact", wrong)).toEqual({ ok: false });
  });

  it("that are larger than all caches may be are refused, and leave nothing", async () => {
    const big = new Uint8Array(limit + 1);
    expect((await ask("/v8/artifacts/abc", { method: "PUT", body: big })).status).toBe(413);
    expect((await ask("/v1/cache/abc", { method: "PUT", body: big })).status).toBe(413);
    const { signed_upload_url: url = "" } = await call("CreateCacheEntry", entry);
    expect((await fetch(url, { method: "PUT", body: big })).status).toBe(413);
    expect(await readdir(join(root, "staging"))).toEqual([]);
  });

  it("that are not finished take together no more than may be kept", async () => {
    const half = new Uint8Array(limit / 2);
    for (const [key, status] of [
      ["a", 201],
      ["b", 201],
      ["c", 413],
    ] as const) {
      const { signed_upload_url: url = "" } = await call("CreateCacheEntry", { ...entry, key });
      // Reservations take a little themselves.
      const body = key === "b" ? half.subarray(10_000) : half;
      expect((await fetch(`${url}&comp=block&blockid=MQ%3D%3D`, { method: "PUT", body })).status).toBe(status);
    }
  });

  it("that break off leave nothing, and the server goes on", async () => {
    const { token } = await caches.access();
    const headers = { authorization: `Bearer ${token}`, "content-length": "1000000" };
    const sending = httpRequest(`${caches.url}/v8/artifacts/abc`, { method: "PUT", headers });
    sending.on("error", () => {});
    sending.write("half");
    await vi.waitFor(async () => expect(await readdir(join(root, "staging"))).toHaveLength(1));
    const closed = new Promise((resolve) => void sending.on("close", resolve));
    sending.destroy();
    await closed;
    await vi.waitFor(async () => expect(await readdir(join(root, "staging"))).toEqual([]));
    expect((await ask("/v8/artifacts/abc")).status).toBe(404);
    expect((await ask("/v8/artifacts/abc", { method: "PUT", body: "whole" })).status).toBe(202);
  });

  it("of nothing are something", async () => {
    expect((await ask("/v1/cache/abc", { method: "PUT", body: "" })).status).toBe(200);
    const found = await ask("/v1/cache/abc");
    expect([found.status, await found.text()]).toEqual([200, ""]);
  });
});

describe("downloads", () => {
  it("give the range that is asked for", async () => {
    const url = await saved("0123456789");
    const part = async (range: string): Promise<readonly [number, string, string | null]> => {
      const found = await fetch(url, { headers: { range } });
      return [found.status, await found.text(), found.headers.get("content-range")];
    };
    expect(await part("bytes=2-4")).toEqual([206, "234", "bytes 2-4/10"]);
    expect(await part("bytes=7-")).toEqual([206, "789", "bytes 7-9/10"]);
    expect(await part("bytes=-3")).toEqual([206, "789", "bytes 7-9/10"]);
    expect(await part("bytes=8-99")).toEqual([206, "89", "bytes 8-9/10"]);
    expect((await part("bytes=10-"))[0]).toBe(416);
    expect((await part("nonsense"))[0]).toBe(200);
    expect((await fetch(url, { method: "HEAD" })).headers.get("content-length")).toBe("10");
  });

  it("of Turborepo carry what was sent along", async () => {
    const headers = { "x-artifact-duration": "1234", "x-artifact-tag": "signed" };
    await ask("/v8/artifacts/abc?slug=team", { method: "PUT", body: "x", headers });
    const found = await ask("/v8/artifacts/abc?teamId=1");
    expect(Object.fromEntries(found.headers)).toMatchObject(headers);
    const many = await ask("/v8/artifacts", { method: "POST", body: JSON.stringify({ hashes: ["abc", "def"] }) });
    expect(await many.json()).toEqual({ abc: { size: 1, taskDurationMs: 1234, tag: "signed" }, def: null });
    expect((await ask("/v8/artifacts/events", { method: "POST", body: "[{}]" })).status).toBe(200);
  });
});

describe("bad requests", () => {
  it.each([
    ["/twirp/github.actions.results.api.v1.CacheService/CreateCacheEntry", "{", 400],
    ["/twirp/github.actions.results.api.v1.CacheService/CreateCacheEntry", "[]", 400],
    ["/twirp/github.actions.results.api.v1.CacheService/CreateCacheEntry", '{"key":1}', 400],
    ["/twirp/github.actions.results.api.v1.CacheService/CreateCacheEntry", `{"key":"${"k".repeat(600)}"}`, 400],
    ["/twirp/github.actions.results.api.v1.CacheService/CreateCacheEntry", "x".repeat(2_000_000), 400],
    ["/twirp/github.actions.results.api.v1.CacheService/NoSuchCall", "{}", 404],
    ["/twirp/github.actions.results.api.v1.ArtifactService/CreateArtifact", '{"workflow_run_backend_id":"run-1"}', 400],
    ["/v8/artifacts/..%2F..%2Fkey", "x", 404],
    ["/v1/cache/a.b", "x", 404],
    ["/_cache-blobs/upload/%E0%A4%A", "x", 403],
  ])("such as %s are answered", async (path, body, status) => {
    expect((await ask(path, { method: "POST", body })).status).toBe(status);
    expect((await ask("/v8/artifacts/status")).status).toBe(200);
  });
});

it("knows its paths from those of others", () => {
  const ours = ["/v8/artifacts/x", "/v8/artifacts", "/v1/cache/x", "/_cache-blobs/upload/x"];
  const others = ["/", "/api/v1/runs", "/v1/caches", "/v80/artifacts", "/readyz"];
  expect([...ours, ...others].filter(isCachePath)).toEqual(ours);
});
