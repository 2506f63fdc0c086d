import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import {
  copyFile,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
  utimes,
} from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ArchiveJudge, type ArchivePolicy, shown } from "./archive-judge.ts";
import { type ArchiveLimits, usualLimits } from "./archive-limits.ts";
import { type ReadEntryOf, readTar, readZip, Unreadable } from "./read-archive.ts";

/** An archive and where it goes. */
export interface Unpacking {
  readonly archive: string;
  /** A zip has neither links nor permissions here, as GitHub's artifacts have none. */
  readonly format: "zip" | "tar.gz";
  /** What the paths in it are relative to. Absolute. */
  readonly base: string;
  /** In what everything must lie; the base without it. A path here may itself be a link of the machine. */
  readonly inside?: readonly string[];
  /** For what is not in its place yet; best on the same file system. */
  readonly staging: string;
  readonly limits?: ArchiveLimits;
}

/** What was put in its place, or why nothing was; the reason is a sentence about the archive. */
export type Unpacked =
  | { readonly refused: string }
  | { readonly refused?: undefined; readonly files: number; readonly bytes: number };

/** Ends the reading: the archive is refused. */
class Refusal extends Error {
  readonly refusal = true;
}

type Staged =
  | { readonly make: "directory"; readonly at: string }
  | { readonly make: "file"; readonly at: string; readonly from: string }
  | { readonly make: "link"; readonly at: string; readonly to: string };

/**
 * Unpacks an archive that somebody else may have made. All of it is read, judged and written aside first, under names that
 * are numbers; only then are the files moved to their places, where they take those of before. A refusal leaves nothing. May
 * be repeated. Throws what the system refuses, a full disk say, and leaves nothing then either, but for what was moved
 * already.
 */
export async function unpack(about: Unpacking): Promise<Unpacked> {
  const aside = await mkdtemp(join(about.staging, ".unpacking-"));
  try {
    const { staged, bytes } = await stage(about, aside);
    const places = await placesOf(about, staged);
    for (const { one, place } of places) await put(one, place);
    return { files: staged.filter(({ make }) => make !== "directory").length, bytes };
  } catch (thrown) {
    if (thrown instanceof Refusal || thrown instanceof Unreadable) return { refused: thrown.message };
    throw thrown;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function stage(
  { archive, format, base, inside = [base], limits = usualLimits }: Unpacking,
  aside: string,
): Promise<{ readonly staged: readonly Staged[]; readonly bytes: number }> {
  const policy: ArchivePolicy = {
    limits,
    base,
    inside,
    links: format === "zip" ? "none" : "inside",
    foldsCase: await foldsCase(aside),
  };
  const judge = new ArchiveJudge(policy);
  const { size } = await stat(archive);
  const staged: Staged[] = [];
  const files = new Map<string, string>();
  let bytes = 0;
  let read = 0;
  const count = (more: number): void => {
    read += more;
    const tooMany = judge.bytes(read, size);
    if (tooMany !== null) throw new Refusal(tooMany);
  };
  const take = async (entry: ReadEntryOf): Promise<void> => {
    const verdict = judge.entry(entry);
    if ("refused" in verdict) throw new Refusal(verdict.refused);
    switch (verdict.make) {
      case "directory":
        staged.push(verdict);
        break;
      case "file": {
        const from = join(aside, String(staged.length));
        const counted = async function* (): AsyncGenerator<Buffer> {
          for await (const chunk of entry.contents()) {
            bytes += chunk.length;
            if (format === "zip") count(chunk.length);
            yield chunk;
          }
        };
        await pipeline(Readable.from(counted()), createWriteStream(from, { flags: "wx", mode: entry.mode ?? 0o666 }));
        if (entry.modified !== undefined) await utimes(from, entry.modified, entry.modified);
        files.set(verdict.at, from);
        staged.push({ make: "file", at: verdict.at, from });
        break;
      }
      case "hard-link": {
        const from = join(aside, String(staged.length));
        const before = files.get(verdict.of);
        if (before === undefined) throw new Refusal(`${shown(entry.path)} is a link to no file before it`);
        await link(before, from);
        staged.push({ make: "file", at: verdict.at, from });
        break;
      }
      case "link":
        if (verdict.outside !== null && !(await isProgram(verdict.outside)))
          throw new Refusal(`${shown(entry.path)} is a link that leads out: ${shown(verdict.to)}`);
        staged.push({ make: "link", at: verdict.at, to: verdict.to });
    }
  };
  await (format === "zip" ? readZip(archive, take) : readTar(archive, take, count));
  return { staged, bytes };
}

/**
 * A virtual environment is a link to the machine's Python. Nothing can be written through a link to a file that is no folder.
 */
async function isProgram(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && (found.mode & 0o111) !== 0;
}

async function foldsCase(folder: string): Promise<boolean> {
  await mkdir(join(folder, "case"));
  const found = await stat(join(folder, "CASE")).catch(() => undefined);
  await rmdir(join(folder, "case"));
  return found !== undefined;
}

interface Place {
  readonly one: Staged;
  readonly place: string;
}

/** Where each goes on this machine. Looked at before anything is moved: what is in the way refuses the whole. */
async function placesOf({ base, inside = [base] }: Unpacking, staged: readonly Staged[]): Promise<readonly Place[]> {
  const roots = await Promise.all(inside.map(async (root) => ({ root, real: await realOf(root) })));
  const folders = new Map<string, Promise<void>>();
  const places: Place[] = [];
  for (const one of staged) {
    const { root, real } = roots.find((each) => one.at === each.root || one.at.startsWith(`${each.root}/`)) ?? {
      root: base,
      real: base,
    };
    const below = relative(root, one.at);
    const place = join(real, below);
    for (let folder = dirname(place); folder.startsWith(`${real}/`); folder = dirname(folder)) {
      const looked = folders.get(folder);
      if (looked === undefined) folders.set(folder, mustBeFolder(folder, one.at));
      await folders.get(folder);
    }
    await mustNotBeInTheWay(one, place);
    places.push({ one, place });
  }
  return places;
}

/** A root may be a link of the machine, and it need not be there yet. */
async function realOf(root: string): Promise<string> {
  const real = await realpath(root).catch(() => undefined);
  return real ?? (root === dirname(root) ? root : join(await realOf(dirname(root)), relative(dirname(root), root)));
}

async function mustBeFolder(folder: string, wanted: string): Promise<void> {
  const found = await lstat(folder).catch(() => undefined);
  if (found === undefined || found.isDirectory()) return;
  const what = found.isSymbolicLink() ? `a link to ${shown(await readlink(folder))}` : "no folder";
  throw new Refusal(`${shown(wanted)} has no place: ${shown(folder)} is ${what}`);
}

async function mustNotBeInTheWay(one: Staged, place: string): Promise<void> {
  const found = await lstat(place).catch(() => undefined);
  if (found === undefined || found.isDirectory() === (one.make === "directory")) return;
  // A folder that is a root of the machine by a link stays that link.
  if (one.make === "directory" && (await stat(place).catch(() => undefined))?.isDirectory() === true) return;
  throw new Refusal(
    `${shown(one.at)} has no place: ${found.isDirectory() ? "a folder" : "something that is no folder"} is there`,
  );
}

async function put(one: Staged, place: string): Promise<void> {
  if (one.make === "directory") return void (await mkdir(place, { recursive: true }));
  await mkdir(dirname(place), { recursive: true });
  const beside = join(dirname(place), `.unpacking-${randomUUID()}`);
  if (one.make === "link") {
    await symlink(one.to, beside);
    return rename(beside, place);
  }
  try {
    await rename(one.from, place);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EXDEV") throw cause;
    const { atime, mtime } = await stat(one.from);
    await copyFile(one.from, beside);
    await utimes(beside, atime, mtime);
    await rename(beside, place);
  }
}
