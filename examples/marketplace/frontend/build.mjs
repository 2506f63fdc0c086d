/** Builds the page into `dist`, beside the server that serves it. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { pack } from "../tools/pack.mjs";

import { bundle } from "./bundle.mjs";

const { html, assets } = await bundle(new URL("src/", import.meta.url));
await pack("frontend");

const site = new URL("dist/frontend/site/", import.meta.url);
await rm(site, { recursive: true, force: true });
await mkdir(new URL("assets/", site), { recursive: true });
const files = new Map([
  ["index.html", Buffer.from(html)],
  ...[...assets].map(([name, bytes]) => [`assets/${name}`, bytes]),
]);
for (const [name, bytes] of files) {
  await writeFile(new URL(name, site), bytes);
  await writeFile(new URL(`${name}.gz`, site), gzipSync(bytes, { level: 9 }));
  await writeFile(new URL(`${name}.br`, site), brotliCompressSync(bytes));
}
const total = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
console.log(`built ${files.size} files, ${Math.round(total / 1024)} kB`);
