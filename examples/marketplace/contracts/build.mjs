/** Collects the sources with a manifest of their digests and of what each contract can be asked. */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";

import { functionsOf, unitsOf, withoutCommentsAndStrings } from "./solidity.mjs";

const from = new URL("src/", import.meta.url);
const dist = new URL("dist/", import.meta.url);
await rm(dist, { recursive: true, force: true });
await mkdir(new URL("src/", dist), { recursive: true });

const contracts = [];
for (const file of (await readdir(from)).sort()) {
  const source = await readFile(new URL(file, from), "utf8");
  const code = withoutCommentsAndStrings(source);
  const [{ kind, name }] = unitsOf(code);
  const open = functionsOf(source, code).filter(
    ({ visibility }) => visibility === "external" || visibility === "public",
  );
  contracts.push({
    name,
    kind,
    file: `src/${file}`,
    sha256: createHash("sha256").update(source).digest("hex"),
    reads: open.filter(({ changesState }) => !changesState).map((found) => found.name),
    changes: open.filter(({ changesState }) => changesState).map((found) => found.name),
  });
  await writeFile(new URL(`src/${file}`, dist), source);
}
await writeFile(new URL("manifest.json", dist), `${JSON.stringify({ contracts }, null, 2)}\n`);
console.log(`collected ${contracts.length} contracts`);
