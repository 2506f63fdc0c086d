import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { extname, join } from "node:path";

import { Problem } from "../shared/problem.mjs";

const types = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};
const encodings = { ".br": "br", ".gz": "gzip" };
const keptFor = 7 * 24 * 60 * 60 * 1000;

async function readFileWithForms(path) {
  const forms = { identity: await readFile(path) };
  for (const [ending, encoding] of Object.entries(encodings))
    forms[encoding] = await readFile(path + ending).catch(() => undefined);
  const etag = `"${createHash("sha256").update(forms.identity).digest("hex").slice(0, 20)}"`;
  return { forms, type: types[extname(path)] ?? "application/octet-stream", etag };
}

/**
 * Puts this release's assets where every replica of every release finds them. While a release rolls out, a page of one
 * is often asked for its assets at a replica of the other; without this those would be 404. What no release has
 * brought for a week is removed.
 */
export async function shareAssets(own, shared, now = Date.now()) {
  await mkdir(shared, { recursive: true });
  for (const name of await readdir(own)) {
    const path = join(shared, name);
    if (!(await stat(path).catch(() => null))) {
      // Whole or not at all: another replica may serve it the moment it is there.
      const draft = join(shared, `.${process.pid}.${name}`);
      await copyFile(join(own, name), draft);
      await rename(draft, path);
    }
    await utimes(path, now / 1000, now / 1000);
  }
  for (const name of await readdir(shared)) {
    const path = join(shared, name);
    const found = await stat(path).catch(() => null);
    if (found && now - found.mtimeMs > keptFor) await rm(path, { force: true });
  }
}

/** The encoding to answer in: the smallest that the caller takes and the file has. */
function encodingFor(request, forms) {
  const accepted = new Set(
    (request.headers["accept-encoding"] ?? "")
      .split(",")
      .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
      .map((part) => part.split(";")[0].trim()),
  );
  return ["br", "gzip"].find((encoding) => accepted.has(encoding) && forms[encoding]) ?? "identity";
}

function answerFile(request, { forms, type, etag }, headers) {
  const encoding = encodingFor(request, forms);
  const common = {
    ...headers,
    etag: encoding === "identity" ? etag : etag.replace(/"$/, `-${encoding}"`),
    vary: "accept-encoding",
  };
  const known = (request.headers["if-none-match"] ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (known.includes(common.etag)) return { status: 304, headers: common };
  return {
    headers: { ...common, "content-type": type, ...(encoding === "identity" ? {} : { "content-encoding": encoding }) },
    body: forms[encoding],
  };
}

/** What the page may load and call: itself, the api and the live prices. */
function contentPolicy({ apiUrl, liveUrl }) {
  const elsewhere = [apiUrl, liveUrl]
    .filter((url) => URL.canParse(url))
    .map((url) => `${new URL(url).protocol}//${new URL(url).host}`);
  // A page's own origin does not cover ws:// to the same host in every browser.
  const connect = ["'self'", "ws:", "wss:", ...new Set(elsewhere)].join(" ");
  return `default-src 'self'; connect-src ${connect}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'`;
}

/** The routes of the built site. `config` is what the page is told at run time. */
export async function siteRoutes({ site, sharedAssets = null, config }) {
  const page = await readFileWithForms(join(site, "index.html"));
  const own = join(site, "assets");
  const names = (await readdir(own)).filter((name) => !(extname(name) in encodings));
  const assets = new Map(
    await Promise.all(names.map(async (name) => [name, await readFileWithForms(join(own, name))])),
  );
  if (sharedAssets) await shareAssets(own, sharedAssets);

  const policy = { "content-security-policy": contentPolicy(config), "referrer-policy": "no-referrer" };

  async function asset(name) {
    if (assets.has(name)) return assets.get(name);
    if (!sharedAssets || !/^[\w-]+\.(css|mjs|svg)$/.test(name)) return null;
    return readFileWithForms(join(sharedAssets, name)).catch(() => null);
  }

  return [
    {
      method: "GET",
      path: "/",
      handle: ({ request }) => answerFile(request, page, { ...policy, "cache-control": "no-cache" }),
    },
    { method: "GET", path: "/config.json", handle: () => ({ body: config }) },
    {
      method: "GET",
      path: "/assets/:name",
      async handle({ request, params }) {
        const found = await asset(params.name);
        if (!found)
          throw new Problem(404, "not_found", `There is no asset ${params.name}.`, { "cache-control": "no-store" });
        return answerFile(request, found, { "cache-control": "public, max-age=31536000, immutable" });
      },
    },
  ];
}
