import { lstat, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { BackupRepository, BackupSnapshot, Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { ProgramAnswer } from "./ask-program.ts";
import { askProgram, lastWords } from "./ask-program.ts";

/** What is to be backed up: paths below a directory, and what they are known by. */
export interface ResticSource {
  readonly directory: string;
  readonly paths: readonly string[];
  readonly tags: readonly string[];
}

/** A repository of restic. */
export interface ResticParts {
  readonly repository: string;
  /** Asked each time: it may have been exchanged. */
  readonly password: () => Promise<string>;
  /** What else it finds its storage by. */
  readonly env: () => Promise<Readonly<Record<string, string>>>;
  readonly source: () => Promise<ResticSource>;
  readonly closing: AbortSignal;
}

/** A repository of restic, whose snapshots can be asked for by what they are known by. */
export interface ResticBackups extends BackupRepository {
  /** Those that have a tag. */
  tagged(tag: string): Promise<readonly BackupSnapshot[]>;
  /** Paths of what lies in a folder of a backup, as it was written: `sha256/…` of the folder `sha256`. Throws `not_found`. */
  pathsIn(id: string, folder: string): Promise<readonly string[]>;
  /** Backs up something else than its source. */
  takeOf(source: ResticSource): Promise<BackupSnapshot>;
}

const resticBegins = "restic";

const within: Millis = 6 * 3_600_000;

interface WrittenSnapshot {
  readonly id: string;
  readonly time: string;
  readonly hostname?: string;
  readonly tags?: readonly string[] | null;
}

/**
 * Backups of files by restic, which encrypts them. One is in the list where what the repository says of its size is what was
 * counted before it was made: restic keeps a snapshot of whatever it could read, and ends well where a byte of it has changed
 * since.
 */
export function resticBackups(parts: ResticParts): ResticBackups {
  const { repository, closing: signal } = parts;
  /** What was found of a snapshot once: it never changes, and to ask again would read the repository anew. */
  const sizes = new Map<string, number>();

  async function ask(args: readonly string[], cwd?: string): Promise<ProgramAnswer> {
    // What it says of how far it is comes sixty times a second, and for hours.
    const env = { RESTIC_PROGRESS_FPS: "0.01", ...(await parts.env()), RESTIC_PASSWORD: await parts.password() };
    return askProgram(
      {
        file: "restic",
        args: ["--repo", repository, "--no-cache", "--json", ...args],
        env,
        ...(cwd === undefined ? {} : { cwd }),
      },
      { within, signal },
    );
  }

  /** Null where there is no repository yet. */
  async function written(): Promise<readonly WrittenSnapshot[] | null> {
    const answer = await ask(["--no-lock", "snapshots"]);
    if (answer.ended === 0) return listOf(answer.wrote);
    if (/Is there a repository at the following location|does not exist|NoSuchBucket/u.test(answer.said)) return null;
    throw refused(answer, repository);
  }

  async function sizeOf(id: string): Promise<number | null> {
    const known = sizes.get(id);
    if (known !== undefined) return known;
    const answer = await ask(["--no-lock", "stats", "--mode", "restore-size", id]);
    const size =
      answer.ended === 0 ? (jsonOf(answer.wrote) as { readonly total_size?: number } | null)?.total_size : undefined;
    if (size === undefined) return null;
    sizes.set(id, size);
    return size;
  }

  async function wholeOf(found: WrittenSnapshot): Promise<BackupSnapshot | null> {
    const size = await sizeOf(found.id);
    const counted = tagOf(found, "bytes");
    if (size === null || (counted !== null && Number(counted) !== size)) return null;
    const at = new Date(found.time).toISOString();
    return {
      ...{ id: found.id, kind: "artifacts", startedAt: at, endedAt: at, position: null, serverVersion: null },
      ...{ bytes: size, encrypted: true, identity: found.hostname ?? null },
    };
  }

  async function list(tag?: string): Promise<readonly BackupSnapshot[]> {
    const all = (await written()) ?? [];
    const asked = tag === undefined ? all : all.filter(({ tags }) => tags?.includes(tag) === true);
    const whole: BackupSnapshot[] = [];
    for (const one of asked.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time))) {
      const found = await wholeOf(one);
      if (found !== null) whole.push(found);
    }
    return whole;
  }

  async function known(id: string): Promise<WrittenSnapshot> {
    const found = /^[0-9a-f]{64}$/.test(id) ? (await written())?.find((one) => one.id === id) : undefined;
    if (found === undefined)
      throw new FairwayError("not_found", `there is no backup ${JSON.stringify(id)} in ${repository}`);
    return found;
  }

  async function takeOf({ directory, paths, tags }: ResticSource): Promise<BackupSnapshot> {
    // Counted by ourselves: what cannot be read is left out by restic, which keeps the rest.
    const bytes = await bytesIn(...paths.map((path) => join(directory, path)));
    const before = await written();
    if (before === null) {
      const made = await ask(["init"]);
      if (made.ended !== 0) throw refused(made, repository);
    }
    const words = ["fairway", `bytes=${bytes}`, ...tags].flatMap((tag) => ["--tag", tag]);
    const answer = await ask(["backup", "--host", "fairway", ...words, "--", ...paths], directory);
    if (answer.ended !== 0)
      throw new FairwayError("command_failed", `${paths.length} paths were not backed up: ${lastWords(answer)}`);
    const old = new Set((before ?? []).map(({ id }) => id));
    const made = (await list()).findLast(({ id }) => !old.has(id));
    if (made === undefined)
      throw new FairwayError("backup_damaged", `restic ended well, and no new backup is whole in ${repository}`);
    return made;
  }

  return {
    label: `${resticBegins}, files, encrypted, in ${repository}`,
    snapshots: () => list(),
    tagged: list,
    takeOf,
    async pathsIn(id, folder) {
      await known(id);
      const answer = await ask(["--no-lock", "ls", id, `/${folder}`]);
      if (answer.ended !== 0) throw refused(answer, repository);
      const paths = answer.wrote.split("\n").flatMap((line) => {
        const path = line.trim() === "" ? undefined : (jsonOf(line) as { readonly path?: string }).path;
        return typeof path === "string" ? [path.replace(/^\/+/u, "")] : [];
      });
      return paths.filter((path) => path.startsWith(`${folder}/`));
    },
    take: async () => takeOf(await parts.source()),
    // Files of one moment, and of no log.
    missing: async (id) => {
      await known(id);
      return [];
    },
    async restore(id, target) {
      await known(id);
      await mkdir(target, { mode: 0o700 });
      const answer = await ask(["--no-lock", "restore", id, "--verify", "--target", target]);
      if (answer.ended !== 0) throw refused(answer, repository);
      const [bytes, wanted] = [await bytesIn(target), await sizeOf(id)];
      if (wanted !== null && bytes !== wanted)
        throw new FairwayError("backup_damaged", `${bytes} bytes of ${id} came back, and there were ${wanted}`);
      return { kind: "files", path: target, bytes };
    },
    async fingerprint() {
      // What a snapshot is called is a hash of what it holds.
      return { backups: Object.fromEntries(((await written()) ?? []).map(({ id }) => [id, id])), timelines: [] };
    },
  };
}

function refused(answer: ProgramAnswer, repository: string): FairwayError {
  const why = lastWords(answer);
  return /wrong password|no key found/u.test(answer.said)
    ? new FairwayError("key_unusable", `the repository ${repository} is not opened by the password that it was given`, {
        hint: "give the secret that `password` names the repository's password",
      })
    : new FairwayError("backup_damaged", `the repository ${repository} is not well: ${why}`);
}

function tagOf({ tags }: WrittenSnapshot, name: string): string | null {
  return tags?.find((tag) => tag.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
}

function listOf(text: string): readonly WrittenSnapshot[] {
  const found = jsonOf(text);
  // Before it had anything to list it answered with null.
  return Array.isArray(found) ? (found as readonly WrittenSnapshot[]) : [];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new FairwayError("backup_damaged", "restic did not answer in JSON", { cause: thrown });
  }
}

/**
 * The bytes of all files below paths: of one that has several names once, as restic counts. Throws where something of it is not
 * there.
 */
async function bytesIn(...paths: readonly string[]): Promise<number> {
  const seen = new Set<string>();
  const below = async (path: string): Promise<number> => {
    const found = await lstat(path);
    if (found.isDirectory()) {
      let bytes = 0;
      for (const name of await readdir(path)) bytes += await below(join(path, name));
      return bytes;
    }
    if (!found.isFile()) return 0;
    if (found.nlink > 1) {
      const file = `${found.dev}:${found.ino}`;
      if (seen.has(file)) return 0;
      seen.add(file);
    }
    return found.size;
  };
  let sum = 0;
  for (const path of paths) sum += await below(path);
  return sum;
}
