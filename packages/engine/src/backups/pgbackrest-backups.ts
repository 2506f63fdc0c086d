import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { BackupRepository, BackupSnapshot, Millis } from "@fairway/core";
import { FairwayError, inParallel } from "@fairway/core";
import { missingFromArchive, segmentsOf } from "./archived-log.ts";
import type { ProgramAnswer } from "./ask-program.ts";
import { askProgram, lastWords } from "./ask-program.ts";
import type { StanzaInfo } from "./pgbackrest-info.ts";
import { refused, stanzaInfo } from "./pgbackrest-info.ts";

/** A stanza of pgBackRest in one of its repositories. */
export interface PgBackRestParts {
  /** Its configuration, which names the server and where repositories are. */
  readonly config: string;
  readonly stanza: string;
  /** Which of its repositories: 1 where there is one. */
  readonly repository: number;
  /** The passphrase of that repository; null where the configuration has it, or it has none. Asked each time. */
  readonly key: (() => Promise<string>) | null;
  /** Whether the next one is to be full, by the newest full one that is there. */
  readonly fullIsDue: (newestFull: BackupSnapshot | null) => boolean;
  readonly closing: AbortSignal;
}

const pgBackRestBegins = "pgBackRest";

/** A repository's own machine names production's as where the server is: a copy comes back on this one. */
const here = ["--reset-pg1-host"];

/** A large server, over a network. */
const within: Millis = 12 * 3_600_000;
const labelForm = /^\d{8}-\d{6}F(?:_\d{8}-\d{6}[DI])?$/;

/**
 * Backups by pgBackRest, files and log. What it answers is read from the repository each time: `info`, `check` and `verify` end
 * well where a key is wrong, a byte has changed or a segment of the log is gone.
 */
export function pgBackRestBackups(parts: PgBackRestParts): BackupRepository {
  const { config, stanza, repository, closing: signal } = parts;

  async function ask(
    command: string,
    options: readonly string[],
    words: readonly string[] = [],
  ): Promise<ProgramAnswer> {
    const key = await parts.key?.();
    return askProgram(
      {
        file: "pgbackrest",
        args: [
          ...[`--config=${config}`, ...(command === "repo-ls" ? [] : [`--stanza=${stanza}`]), `--repo=${repository}`],
          ...["--log-level-file=off", "--log-level-console=off", "--log-level-stderr=error"],
          ...[...options, command, ...words],
        ],
        env: key === undefined ? {} : { [`PGBACKREST_REPO${repository}_CIPHER_PASS`]: key },
      },
      { within, signal },
    );
  }

  async function info(): Promise<StanzaInfo> {
    const answer = await ask("info", ["--output=json"]);
    // The text is what counts; where there is none nobody knows anything.
    if (answer.ended !== 0) throw refused(lastWords(answer), stanza);
    return stanzaInfo(answer.wrote, stanza, repository);
  }

  async function known(id: string): Promise<{ readonly snapshot: BackupSnapshot; readonly found: StanzaInfo }> {
    const found = labelForm.test(id) ? await info() : null;
    const snapshot = found?.snapshots.find((one) => one.id === id);
    if (found === null || snapshot === undefined)
      throw new FairwayError("not_found", `there is no backup ${JSON.stringify(id)} of ${stanza}`);
    return { snapshot, found };
  }

  /** Names of what was archived, without their folders. */
  async function archived(archive: string): Promise<readonly string[]> {
    const answer = await ask("repo-ls", ["--recurse"], [`archive/${stanza}/${archive}`]);
    if (answer.ended !== 0) throw refused(lastWords(answer), stanza);
    return answer.wrote.split("\n").map((line) => line.trim().split("/").at(-1) ?? "");
  }

  const snapshots = async (): Promise<readonly BackupSnapshot[]> => (await info()).snapshots;

  return {
    label: `${pgBackRestBegins}, stanza ${stanza} of ${config}, repository ${repository}, files and log`,
    snapshots,
    async take() {
      const before = await snapshots();
      const newestFull = before.filter(({ kind }) => kind === "full").at(-1) ?? null;
      const type = newestFull === null || parts.fullIsDue(newestFull) ? "full" : "incr";
      const answer = await ask("backup", [`--type=${type}`]);
      if (answer.ended !== 0)
        throw new FairwayError("command_failed", `${stanza} was not backed up: ${lastWords(answer)}`);
      const known = new Set(before.map(({ id }) => id));
      const made = (await snapshots()).findLast(({ id }) => !known.has(id));
      if (made === undefined)
        throw new FairwayError("backup_damaged", `pgbackrest ended well, and no new backup of ${stanza} is there`);
      return made;
    },
    async missing(id) {
      const { found } = await known(id);
      const log = found.logs.get(id);
      if (log === undefined) return ["nothing of the log that it needs was archived"];
      return missingFromArchive({ from: log.from, to: log.to, there: await archived(log.archive) });
    },
    async restore(id, target) {
      const { snapshot, found } = await known(id);
      await mkdir(target, { mode: 0o700 });
      const cluster = join(target, "cluster");
      await mkdir(cluster, { mode: 0o700 });
      const answer = await ask("restore", [
        ...here,
        ...[`--set=${id}`, `--pg1-path=${cluster}`, `--tablespace-map-all=${join(target, "tablespaces")}`],
        // Else the copy would write into production's archive once it is a server of its own.
        ...["--archive-mode=off", "--type=default"],
      ]);
      if (answer.ended !== 0) throw refused(lastWords(answer), stanza);
      const log = join(target, "log");
      await mkdir(log, { mode: 0o700 });
      const stretch = found.logs.get(id);
      const names = stretch === undefined ? [] : segmentsOf({ ...stretch, there: await archived(stretch.archive) });
      // All of it now: where the copy is started there is no repository, and no key.
      await inParallel(names, async (name) => {
        const got = await ask("archive-get", [...here, `--pg1-path=${cluster}`], [name, join(log, name)]);
        if (got.ended !== 0)
          throw new FairwayError("backup_damaged", `${name} of the log was not read: ${lastWords(got)}`);
      });
      const { size } = await stat(join(cluster, "PG_VERSION")).catch(() => ({ size: 0 }));
      if (size === 0)
        throw new FairwayError("backup_damaged", `pgbackrest ended well, and restored no cluster of ${id}`);
      return { kind: "cluster", path: cluster, bytes: snapshot.bytes, log };
    },
    async fingerprint() {
      const { snapshots: found, logs } = await info();
      const archives = [...new Set([...logs.values()].map(({ archive }) => archive))].toSorted();
      // Production goes on archiving: only a timeline that began meanwhile would be a drill's.
      const timelines = await Promise.all(
        archives.map(async (archive) =>
          (await archived(archive)).flatMap((name) => /^[0-9A-F]{8}(?=\.history)/.exec(name)?.[0] ?? []),
        ),
      );
      return {
        backups: Object.fromEntries(found.map(({ id, endedAt, bytes }) => [id, `${endedAt} ${bytes}`])),
        timelines: [...new Set(timelines.flat())].toSorted(),
      };
    },
  };
}
