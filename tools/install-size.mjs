// Says what a user's installation of `fairway` is made of, and what is there for developers alone: how many packages, and
// how large. From the lockfile and what is installed here, so after `npm run setup`.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** @type {Record<string, { dependencies?: object, optionalDependencies?: object, link?: boolean, resolved?: string }>} */
const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));

/**
 * The place of what a package asks for by name: beside it, or the nearest above.
 *
 * @param {string} from
 * @param {string} name
 * @returns {string | undefined}
 */
function placeOf(from, name) {
  for (let folder = from; ; folder = posix.dirname(folder)) {
    const place = posix.join(folder === "." ? "" : folder, "node_modules", name);
    const found = packages[place];
    if (found !== undefined) return found.link === true ? found.resolved : place;
    if (folder === "" || folder === ".") return undefined;
  }
}

/**
 * Every package that one needs to run, itself included.
 *
 * @param {string} first
 */
function neededBy(first) {
  const needed = new Set([first]);
  for (const place of needed) {
    const { dependencies, optionalDependencies } = packages[place] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const found = placeOf(place, name);
      if (found !== undefined && isHere(found)) needed.add(found);
    }
  }
  return needed;
}

/** What another platform needs is not installed. @param {string} place */
const isHere = (place) => statSync(join(root, place), { throwIfNoEntry: false }) !== undefined;

/**
 * What a package's own files take on a disk, in bytes, without those that lie in it.
 *
 * @param {string} folder
 * @returns {number}
 */
function sizeOf(folder) {
  let size = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) size += entry.name === "node_modules" ? 0 : sizeOf(path);
    else if (entry.isFile()) size += statSync(path).blocks * 512;
  }
  return size;
}

const megabytes = (/** @type {number} */ bytes) => `${Math.round(bytes / 1_000_000)} MB`;
const isOurs = (/** @type {string} */ place) => !place.includes("node_modules");

/**
 * @param {string} what
 * @param {readonly string[]} places
 */
function tell(what, places) {
  const sizes = places.map((place) => ({ place, size: sizeOf(join(root, place)) })).toSorted((a, b) => b.size - a.size);
  const total = sizes.reduce((sum, { size }) => sum + size, 0);
  const largest = sizes
    .slice(0, 6)
    .map(({ place, size }) => `${place.split("node_modules/").at(-1)} ${megabytes(size)}`);
  process.stdout.write(`${what}: ${places.length} packages, ${megabytes(total)} (${largest.join(", ")})\n`);
}

const users = neededBy("apps/cli");
const all = Object.keys(packages).filter((place) => place.includes("node_modules") && packages[place]?.link !== true);
const declared = new Set(
  [...users].filter(isOurs).flatMap((place) => {
    const { dependencies, optionalDependencies } = packages[place] ?? {};
    return Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !name.startsWith("@fairway/"));
  }),
);
process.stdout.write(`Fairway's own packages declare ${declared.size} others by name\n`);
tell(
  "a user's installation",
  [...users].filter((place) => !isOurs(place)),
);
tell(
  "for developers besides",
  all.filter((place) => !users.has(place) && isHere(place)),
);
