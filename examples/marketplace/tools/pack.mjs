/**
 * Puts what a service needs at run time into its `dist` folder: its own files and the shared modules, in the layout of
 * the repository, so that relative imports hold. Tests, documentation and build scripts stay behind.
 *
 *     node ../../tools/pack.mjs services/catalog
 */
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("..", import.meta.url));
const leftBehind = new Set(
  "dist test src migrations migrate.mjs README.md build.mjs bundle.mjs package-lock.json Dockerfile .dockerignore".split(
    " ",
  ),
);

/** Packs the service at `path` (relative to the repository) and resolves to its dist folder. */
export async function pack(path) {
  const from = join(repository, path);
  const dist = join(from, "dist");
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });

  const wanted = (source) =>
    relative(repository, source).includes("node_modules/") || !leftBehind.has(basename(source));
  // Not one copy of the whole folder: a folder cannot be copied into itself, and dist is inside.
  for (const name of (await readdir(from)).filter((entry) => !leftBehind.has(entry))) {
    await cp(join(from, name), join(dist, path, name), { recursive: true, filter: wanted });
  }
  await cp(join(repository, "shared"), join(dist, "shared"), { recursive: true, filter: wanted });
  return dist;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const path = process.argv[2];
  if (!path) {
    console.error("usage: node tools/pack.mjs <path of the service>");
    process.exit(2);
  }
  await pack(path);
  console.log(`packed ${path}`);
}
