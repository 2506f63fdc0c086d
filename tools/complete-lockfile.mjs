// Adds to package-lock.json the builds for other machines (macOS, Windows, …) that the registry in use did not offer: npm
// leaves out an optional package that it cannot fetch, and then `npm ci` refuses the lockfile everywhere. Such an entry
// has the exact version that its parent asks for, and no hash. Run it after every `npm install` (`npm run lockfile`).

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const exactVersion = /^\d+\.\d+\.\d+(?:[-+].+)?$/u;

/**
 * The entries that a lockfile lacks, by the place where npm would install them.
 *
 * @param {Readonly<Record<string, Entry>>} packages
 * @returns {Readonly<Record<string, Entry>>}
 *
 * @typedef {object} Entry
 * @property {string} [version]
 * @property {boolean} [dev]
 * @property {boolean} [optional]
 * @property {readonly string[]} [os]
 * @property {readonly string[]} [cpu]
 * @property {readonly string[]} [libc]
 * @property {Readonly<Record<string, string>>} [optionalDependencies]
 */
export function missingEntries(packages) {
  /** @type {Record<string, Entry>} */
  const missing = {};
  for (const [parent, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (!exactVersion.test(version) || resolve(packages, parent, name)?.version === version) continue;
      const machine = machineOf(name);
      if (machine === undefined) continue;
      const { cpu, libc, os } = machine;
      const place = `${folderOf(parent)}/${name}`;
      // In the order in which npm writes them, and nothing where npm writes nothing.
      missing[place] = { version, cpu, ...(dev && { dev }), ...(libc && { libc }), optional: true, os };
    }
  }
  return missing;
}

/**
 * The package that a parent gets under this name: the nearest on the way up.
 *
 * @param {Readonly<Record<string, Entry>>} packages
 * @param {string} parent
 * @param {string} name
 */
function resolve(packages, parent, name) {
  for (let folder = parent; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")))) {
    const found = packages[folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`];
    if (found !== undefined || folder === "") return found;
  }
}

/** The node_modules in which the package itself lies, or its own for a workspace. @param {string} parent */
function folderOf(parent) {
  const end = parent.lastIndexOf("node_modules/");
  return end < 0 ? "node_modules" : parent.slice(0, end + "node_modules".length);
}

/** `@oxlint/binding-linux-arm64-musl` is for Linux, arm64 and musl. @param {string} name */
function machineOf(name) {
  const words = name.slice(name.lastIndexOf("/") + 1).split("-");
  const at = words.findIndex((word) => systems.includes(word));
  const cpu = words[at + 1];
  if (at < 0 || cpu === undefined) return undefined;
  const libc = words.includes("musl") ? ["musl"] : words.includes("gnu") ? ["glibc"] : undefined;
  return { cpu: [cpu], libc, os: [words[at]] };
}

function main() {
  const file = join(dirname(dirname(fileURLToPath(import.meta.url))), "package-lock.json");
  const lockfile = JSON.parse(readFileSync(file, "utf8"));
  const missing = missingEntries(lockfile.packages);
  const count = Object.keys(missing).length;
  if (count === 0) return;
  const all = Object.entries({ ...lockfile.packages, ...missing });
  lockfile.packages = Object.fromEntries(all.toSorted(([one], [other]) => one.localeCompare(other, "en")));
  writeFileSync(file, `${JSON.stringify(lockfile, null, 2)}\n`);
  process.stdout.write(`package-lock.json: added ${count} packages of other machines\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
