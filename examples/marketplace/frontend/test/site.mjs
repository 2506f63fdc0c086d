import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";

import { readFacts } from "../../shared/facts.mjs";
import { createHttpService } from "../../shared/http-service.mjs";
import { createLog } from "../../shared/log.mjs";
import { listen } from "../../shared/run.mjs";
import { bundle } from "../bundle.mjs";
import { shareAssets, siteRoutes } from "../site.mjs";

const src = new URL("../src/", import.meta.url);
const facts = readFacts({});
const log = createLog(facts, { write: () => {} });
const config = { environment: "staging", release: "r3", sha: "abc1234", apiUrl: "/api", liveUrl: "/live" };

async function folder(t) {
  const path = await mkdtemp(join(tmpdir(), "site-"));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

async function makeSite(path, { html, assets }) {
  await mkdir(join(path, "assets"), { recursive: true });
  await writeFile(join(path, "index.html"), html);
  for (const [name, bytes] of assets) {
    await writeFile(join(path, "assets", name), bytes);
    await writeFile(join(path, "assets", `${name}.br`), brotliCompressSync(bytes));
  }
  return path;
}

async function serve(t, options) {
  const service = createHttpService({ facts, log, routes: await siteRoutes({ config, ...options }) });
  const url = `http://127.0.0.1:${await listen(service.server, {})}`;
  t.after(service.stop);
  return url;
}

test("every asset that the page and its modules name is there, under the hash of its content", async () => {
  const { html, assets } = await bundle(src);
  assert.doesNotMatch(html, /asset:/);
  const named = [...html.matchAll(/\/assets\/([\w.-]+)"/g)].map((match) => match[1]);
  assert.ok(named.length > 5);
  for (const name of named) assert.ok(assets.has(name), name);
  for (const [name, bytes] of assets) {
    assert.match(name, /-[0-9a-f]{10}\.(css|mjs|svg)$/);
    for (const [, imported] of bytes.toString().matchAll(/^import [^"]*"\.\/([^"]+)"/gm))
      assert.ok(assets.has(imported), imported);
  }
  assert.deepEqual([...(await bundle(src)).assets.keys()], [...assets.keys()]);
});

test("the page is asked for again each time, its assets never, and the configuration is not kept", async (t) => {
  const built = await bundle(src);
  const url = await serve(t, { site: await makeSite(await folder(t), built) });
  const page = await fetch(url);
  assert.equal(page.headers.get("cache-control"), "no-cache");
  assert.match(page.headers.get("content-security-policy"), /default-src 'self'/);
  const again = await fetch(url, {
    headers: { "if-none-match": page.headers.get("etag"), "cache-control": "no-cache" },
  });
  assert.equal(again.status, 304);

  const [name] = built.assets.keys();
  const asset = await fetch(`${url}/assets/${name}`, { headers: { "accept-encoding": "gzip, br" } });
  assert.equal(asset.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assert.equal(asset.headers.get("content-encoding"), "br");
  assert.equal(await asset.text(), built.assets.get(name).toString());
  const plain = await fetch(`${url}/assets/${name}`, { headers: { "accept-encoding": "br;q=0" } });
  assert.equal(plain.headers.get("content-encoding"), null);

  const told = await fetch(`${url}/config.json`);
  assert.equal(told.headers.get("cache-control"), "no-store");
  assert.deepEqual(await told.json(), config);
});

test("nothing but the site is served", async (t) => {
  const url = await serve(t, {
    site: await makeSite(await folder(t), await bundle(src)),
    sharedAssets: await folder(t),
  });
  for (const path of [
    "/serve.mjs",
    "/assets/nothing.mjs",
    "/assets/..%2Findex.html",
    "/assets/%2Fetc%2Fpasswd",
    "/index.html.br",
  ]) {
    assert.equal((await fetch(url + path)).status, 404, path);
  }
  assert.equal((await fetch(url, { method: "POST" })).status, 405);
});

test("while two releases run, each serves the assets of the other", async (t) => {
  const sharedAssets = await folder(t);
  const one = { html: "one", assets: new Map([["main-1111111111.mjs", Buffer.from("one")]]) };
  const two = { html: "two", assets: new Map([["main-2222222222.mjs", Buffer.from("two")]]) };
  const before = await serve(t, { site: await makeSite(await folder(t), one), sharedAssets });
  const after = await serve(t, { site: await makeSite(await folder(t), two), sharedAssets });
  assert.equal(await (await fetch(`${before}/assets/main-2222222222.mjs`)).text(), "two");
  assert.equal(await (await fetch(`${after}/assets/main-1111111111.mjs`)).text(), "one");
});

test("assets that no release has brought for a week are removed", async (t) => {
  const own = await folder(t);
  const shared = await folder(t);
  await writeFile(join(own, "new.css"), "");
  await writeFile(join(shared, "old.css"), "");
  await utimes(join(shared, "old.css"), 1, 1);
  await shareAssets(own, shared);
  assert.deepEqual(await readdir(shared), ["new.css"]);
});
