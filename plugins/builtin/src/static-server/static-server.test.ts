import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openBundle } from "./bundle.ts";
import { chooseAnswer, isHashed } from "./choose-answer.ts";
import { keptFor, shareAssets } from "./shared-assets.ts";
import { staticServer } from "./static-server.ts";

let folder: string;
let server: Server | undefined;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "bundle-"))));
afterEach(async () => {
  const open = server;
  server = undefined;
  if (open) await new Promise((closed) => open.close(closed));
  await rm(folder, { recursive: true, force: true });
});

async function write(files: Readonly<Record<string, string | Buffer>>, root = "site"): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, root, path)), { recursive: true });
    await writeFile(join(folder, root, path), text);
  }
}

async function serve(fallback: string | null = null, shared: string | null = null): Promise<void> {
  const bundle = await openBundle(join(folder, "site"));
  const started = createServer(staticServer(bundle, { fallback, healthPath: "/healthz", shared }));
  server = started;
  await new Promise<void>((listening) => started.listen(0, "127.0.0.1", listening));
}

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** By hand, because fetch would tidy the path and undo the encoding. */
function get(path: string, headers: Readonly<Record<string, string>> = {}, method = "GET"): Promise<Got> {
  const { port } = (server as Server).address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: "127.0.0.1", path, headers, method, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.once("error", reject);
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts).toString() }),
      );
    });
    asked.once("error", reject);
    asked.end();
  });
}

describe("a bundle", () => {
  test("gives pages that are asked for again, and hashed files that never are", async () => {
    await write({ "index.html": "<h1>Shop</h1>", "assets/app-4f2a91bc.js": "go()", "logo.svg": "<svg/>" });
    await serve();
    const page = await get("/");
    expect(page).toMatchObject({ status: 200, body: "<h1>Shop</h1>" });
    expect(page.headers["cache-control"]).toBe("public, max-age=0, stale-while-revalidate=60");
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    const asset = await get("/assets/app-4f2a91bc.js");
    expect(asset.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(asset.headers["content-type"]).toMatch(/javascript/u);
    expect((await get("/logo.svg")).headers["cache-control"]).toMatch(/max-age=0/u);
    expect((await get("/healthz")).body).toBe("ok\n");
  });

  test("says that nothing changed to who has it already, by its bytes and not by its time", async () => {
    await write({ "index.html": "one" });
    await serve();
    const { etag } = (await get("/")).headers;
    expect(await get("/", { "if-none-match": `W/"x", ${String(etag)}` })).toMatchObject({ status: 304, body: "" });
    await utimes(join(folder, "site/index.html"), 1, 1);
    expect((await get("/")).headers["etag"]).toBe(etag);
    expect((await get("/", { "if-none-match": '"other"' })).status).toBe(200);
  });

  test("finds pages without their ending, and its own page for what is not there", async () => {
    await write({ "about.html": "about", "blog/index.html": "blog", "404.html": "nothing here" });
    await serve();
    expect((await get("/about?from=mail")).body).toBe("about");
    expect((await get("/blog/")).body).toBe("blog");
    expect(await get("/nowhere")).toMatchObject({ status: 404, body: "nothing here" });
    expect((await get("/", {}, "POST")).status).toBe(405);
  });

  test("answers unknown pages of a single-page application with its page, but never unknown files", async () => {
    await write({ "index.html": "app" });
    await serve("index.html");
    expect(await get("/cart/7")).toMatchObject({ status: 200, body: "app" });
    expect((await get("/assets/gone-4f2a91bc.js")).status).toBe(404);
  });

  test("sends a part of a file, and the compressed form that lies beside it to who takes it", async () => {
    await write({ "film.mp4": "0123456789", "app.js": "long long", "app.js.gz": gzipSync("long long") });
    await serve();
    const part = await get("/film.mp4", { range: "bytes=2-4" });
    expect(part).toMatchObject({ status: 206, body: "234" });
    expect(part.headers["content-range"]).toBe("bytes 2-4/10");
    const packed = await get("/app.js", { "accept-encoding": "br;q=0, gzip" });
    expect(packed.headers).toMatchObject({ "content-encoding": "gzip", vary: "accept-encoding" });
    expect(packed.headers["content-type"]).toMatch(/javascript/u);
    expect((await get("/app.js", { "accept-encoding": "gzip;q=0" })).body).toBe("long long");
    expect(await get("/app.js", {}, "HEAD")).toMatchObject({ status: 200, body: "" });
  });

  test("keeps to itself what lies outside of it, is hidden, or is a link", async () => {
    await write({ "index.html": "ok", ".env": "SECRET", "sub/.git/config": "x", ".well-known/security.txt": "hello" });
    await write({ "outside.txt": "SECRET" }, ".");
    await symlink("../outside.txt", join(folder, "site/link.txt"));
    await serve();
    for (const path of [
      "/../outside.txt",
      "/%2e%2e/outside.txt",
      "/..%2foutside.txt",
      "/.env",
      "/sub/.git/config",
      "/link.txt",
    ]) {
      const got = await get(path);
      expect([path, got.status === 404 || got.status === 400, got.body.includes("SECRET")]).toEqual([
        path,
        true,
        false,
      ]);
    }
    expect((await get("/%ff")).status).toBe(400);
    expect((await get("/.well-known/security.txt")).body).toBe("hello");
  });

  test("answers with nothing but its own files, whatever is asked", async () => {
    await write({ "index.html": "x", "a/b.js": "x", "404.html": "x" });
    const bundle = await openBundle(join(folder, "site"));
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(null, "index.html"), (path, fallback) => {
        const answer = chooseAnswer(bundle, { fallback }, { method: "GET", path: `/${path}` });
        expect(answer.kind !== "file" || bundle.files.has(answer.path)).toBe(true);
      }),
    );
  });
});

test("a name counts as hashed only when it surely is", () => {
  const yes = ["app-4f2a91bc.js", "chunk.DfX9aQ2b.css", "main.8c3f0e11.chunk.js", "_next/static/abc/_ssgManifest.js"];
  const no = [
    "jquery-plugin2000.js",
    "report-20240101.pdf",
    "app-4f2a91bc.html",
    "background.png",
    "logo-deadbeef.png",
  ];
  expect([...yes, ...no].filter(isHashed)).toEqual(yes);
});

describe("files of earlier releases", () => {
  test("are still given while a new release takes over, and go when no release has brought them for a week", async () => {
    const shared = join(folder, "state/assets");
    await write({ "assets/old-4f2a91bc.js": "old" });
    const now = Date.now();
    await shareAssets(join(folder, "site"), ["assets/old-4f2a91bc.js"], shared, now);
    await rm(join(folder, "site/assets"), { recursive: true });
    await write({ "assets/new-91bc4f2a.js": "new" });
    await shareAssets(join(folder, "site"), ["assets/new-91bc4f2a.js"], shared, now + 1000);
    await serve(null, shared);
    expect(await get("/assets/old-4f2a91bc.js")).toMatchObject({ status: 200, body: "old" });
    expect((await get("/assets/none-4f2a91bc.js")).status).toBe(404);

    await shareAssets(join(folder, "site"), ["assets/new-91bc4f2a.js"], shared, now + keptFor + 2000);
    expect(await readdir(join(shared, "assets"))).toEqual(["new-91bc4f2a.js"]);
  });

  test("are shared by many replicas at once", async () => {
    const shared = join(folder, "state/assets");
    await write({ "a-4f2a91bc.js": "a" });
    await Promise.all(
      Array.from({ length: 4 }, () => shareAssets(join(folder, "site"), ["a-4f2a91bc.js"], shared, 1000)),
    );
    expect(await readdir(shared)).toEqual(["a-4f2a91bc.js"]);
  });
});

describe("Vercel's build output", () => {
  const output = (routes: readonly unknown[]): string =>
    JSON.stringify({ version: 3, routes, overrides: { "about.html": { path: "about-us" } } });

  test("is served with its redirects, headers, rewrites and overrides", async () => {
    await write({
      "config.json": output([
        { src: "^/old/(.*)$", status: 308, headers: { Location: "/new/$1" } },
        { src: "^/(.*)$", headers: { "X-Frame-Options": "DENY" }, continue: true },
        { handle: "filesystem" },
        { src: "^/app/.*$", dest: "/index.html" },
        { handle: "error" },
        { src: "^/.*$", status: 404, dest: "/lost.html" },
      ]),
      "static/index.html": "home",
      "static/about.html": "about",
      "static/lost.html": "lost",
    });
    await serve();
    expect(await get("/old/x")).toMatchObject({ status: 308, headers: { location: "/new/x" } });
    expect(await get("/about-us")).toMatchObject({
      status: 200,
      body: "about",
      headers: { "x-frame-options": "DENY" },
    });
    expect((await get("/app/7")).body).toBe("home");
    expect(await get("/gone")).toMatchObject({ status: 404, body: "lost" });
    expect((await get("/config.json")).body).not.toContain("routes");
  });

  test("is refused when it needs more than files, with what and where", async () => {
    await write({ "config.json": output([{ src: "^/x$", middlewarePath: "mw" }]), "static/index.html": "home" });
    await expect(openBundle(join(folder, "site"))).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining("routes[0] asks for middlewarePath") as string,
    });
    await write({ "config.json": output([]), "functions/api.func/index.js": "x" });
    await expect(openBundle(join(folder, "site"))).rejects.toMatchObject({ code: "config_invalid" });
  });

  test("is only a file when it is some other config.json", async () => {
    await write({ "config.json": '{"version":1}', "index.html": "home" });
    await serve();
    expect((await get("/config.json")).body).toBe('{"version":1}');
  });
});
