// Puts the daemon and the command line, each with what it is built of, into a few files beside the compiled ones: loading a
// thousand files is a third of what a start costs. What is compiled stays, and is run by itself once it is newer than its
// bundle.

import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join, relative } from "node:path";

/** Where the compiler puts a program's entry, `main.js`. */
const programs = ["apps/server/dist", "apps/cli/dist"];

/** Code of the machine's own kind, and packages that look for files beside them: they are loaded from where they are. */
const asTheyAre = /\.node$|\/node_modules\/(?:oxc-parser|@node-rs|libpg-query|jiti)\//;

/** Code that speaks of its own place gets it from where it was. */
const places = [
  ["import.meta.url", "__urlOf"],
  ["import.meta.dirname", "__folderOf"],
  ["import.meta.filename", "__fileOf"],
  ["__dirname", "__folderOf"],
  ["__filename", "__fileOf"],
];

const head = `
import { createRequire as __createRequire } from "node:module";
import { dirname as __dirnameOf } from "node:path";
import { fileURLToPath as __toPath } from "node:url";
const require = __createRequire(import.meta.url);
const __urlOf = (file) => new URL(file, import.meta.url).href;
const __fileOf = (file) => __toPath(new URL(file, import.meta.url));
const __folderOf = (file) => __dirnameOf(__fileOf(file));
`;

/**
 * Makes the bundles. Whoever starts a program in between finds the one before or none.
 *
 * @param {string} root
 * @param {readonly string[]} workspaces
 */
export async function bundlePrograms(root, workspaces) {
  await Promise.all(programs.map((program) => bundle(root, program, workspaces)));
}

/**
 * @param {string} root
 * @param {string} program
 * @param {readonly string[]} workspaces
 */
async function bundle(root, program, workspaces) {
  const { build } = await import("esbuild");
  const folder = join(root, program, "bundled");
  const making = `${folder}-${process.pid}`;
  const of = Object.fromEntries(workspaces.flatMap((workspace) => builtAt(root, workspace, folder)));
  await build({
    entryPoints: [join(root, program, "main.js")],
    outdir: making,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    keepNames: true,
    legalComments: "none",
    logLevel: "error",
    banner: { js: head },
    plugins: [stayOutside(folder), keepPlaces(folder)],
  });
  writeFileSync(join(making, "package.json"), `${JSON.stringify({ type: "module", of }, null, 2)}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(making, folder);
}

/**
 * When the compiler wrote a workspace last, by what it keeps of that.
 *
 * @param {string} root
 * @param {string} workspace
 * @param {string} folder Of the bundle.
 */
function builtAt(root, workspace, folder) {
  const file = join(root, workspace, "dist/.tsbuildinfo");
  const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {};
  return mtimeMs === undefined ? [] : [[relative(folder, file), mtimeMs]];
}

/**
 * Whether a package's file is CommonJS. In a bundle the import of one at the time that it is needed has no names, only a
 * default; from where it is it has those that Node finds in it.
 *
 * @param {string} path
 */
const isCommon = (path) =>
  path.includes("/node_modules/") &&
  /\.c?js$/u.test(path) &&
  !/^\s*(?:import|export)\b/mu.test(readFileSync(path, "utf8"));

/**
 * Leaves out what is loaded from where it is, and what somebody asks for in case it is installed.
 *
 * @param {string} folder
 * @returns {import("esbuild").Plugin}
 */
const stayOutside = (folder) => ({
  name: "stay-outside",
  setup(build) {
    build.onResolve({ filter: /./ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      if (pluginData === "asked" || kind === "entry-point" || isBuiltin(path)) return undefined;
      const found = await build.resolve(path, { importer, kind, resolveDir, pluginData: "asked" });
      if (found.errors.length > 0) return { path, external: true };
      const stays = asTheyAre.test(found.path) || (kind === "dynamic-import" && isCommon(found.path));
      return stays ? { path: relative(folder, found.path), external: true } : found;
    });
  },
});

/**
 * @param {string} folder
 * @returns {import("esbuild").Plugin}
 */
const keepPlaces = (folder) => ({
  name: "keep-places",
  setup(build) {
    build.onLoad({ filter: /\.[cm]?js$/ }, async ({ path }) => {
      let contents = await readFile(path, "utf8");
      const own = JSON.stringify(relative(folder, path));
      for (const [said = "", by = ""] of places) contents = contents.replaceAll(said, `${by}(${own})`);
      return { contents, loader: "js" };
    });
  },
});
