import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";

const skipped = /^(?:\..*|node_modules|dist|build|out|vendor|coverage|target|docs?|tests?|__pycache__|venv|fixtures)$/u;
const sourceFile = /\.(?:[cm]?[jt]sx?|py|go)$/u;
const largestSource = 256 * 1024;
const mostSources = 300;

/** One folder of a repository while services are looked for; it is only read. */
export interface Folder {
  readonly root: string;
  /** Relative to the root; `.` is the root itself. */
  readonly path: string;
  readonly name: string;
  has(file: string): boolean;
  /** The file's text; undefined when there is none. */
  read(file: string): string | undefined;
  /** The sources in and under it, by path, without those that belong to folders with a manifest of their own. */
  sources(): readonly { readonly path: string; readonly text: string }[];
}

/** Opens a folder of a repository. */
export function openFolder(root: string, path: string): Folder {
  const whole = join(root, path);
  let sources: ReturnType<Folder["sources"]> | null = null;
  return {
    root,
    path,
    name: basename(whole),
    has: (file) => existsSync(join(whole, file)),
    read: (file) => readSmall(join(whole, file)),
    sources: () => (sources ??= collectSources(whole)),
  };
}

/** The folders in a folder that may hold something of the user's own. */
export const foldersIn = (root: string, path: string): readonly string[] =>
  readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !skipped.test(entry.name))
    .map((entry) => (path === "." ? entry.name : `${path}/${entry.name}`))
    .toSorted();

/** The files right in a folder, by path; none where there is no such folder. */
export const filesIn = (root: string, path: string): readonly string[] =>
  statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() === true
    ? readdirSync(join(root, path), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => (path === "." ? entry.name : `${path}/${entry.name}`))
        .toSorted()
    : [];

/** Every folder in one that a workspace names: its members may be called as other things are, `docs` say. */
export const membersIn = (root: string, path: string): readonly string[] =>
  readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules")
    .map((entry) => `${path}/${entry.name}`)
    .toSorted();

const manifests = ["package.json", "pyproject.toml", "requirements.txt", "go.mod"];

function collectSources(whole: string): ReturnType<Folder["sources"]> {
  const found: { path: string; text: string }[] = [];
  const waiting = [whole];
  for (let folder = waiting.shift(); folder !== undefined && found.length < mostSources; folder = waiting.shift()) {
    for (const entry of readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!skipped.test(entry.name) && !manifests.some((file) => existsSync(join(path, file)))) waiting.push(path);
      } else if (entry.isFile() && sourceFile.test(entry.name) && !/[._](?:test|spec)\./u.test(entry.name)) {
        const text = readSmall(path);
        if (text !== undefined && found.length < mostSources) found.push({ path: relative(whole, path), text });
      }
    }
  }
  return found;
}

function readSmall(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size <= largestSource ? readFileSync(path, "utf8") : undefined;
}
