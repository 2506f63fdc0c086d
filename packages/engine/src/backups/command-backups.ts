import { existsSync } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Argv, BackupRepository, BackupSnapshot, Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { ProgramAnswer } from "./ask-program.ts";
import { askProgram, lastWords } from "./ask-program.ts";

/** Programs of a team's own that make, list, restore and verify backups. */
export interface CommandBackupParts {
  readonly make: Argv | null;
  readonly list: Argv;
  readonly restore: Argv;
  readonly verify: Argv;
  readonly restores: "files" | "dump";
  readonly env: () => Promise<Readonly<Record<string, string>>>;
  readonly timeout: Millis;
  readonly closing: AbortSignal;
}

const commandBegins = "commands";

/**
 * Backups by programs of a team's own. What `list` prints is what there is, and what `verify` prints is whether a restored one
 * is whole: neither an exit code nor a word to people is.
 */
export function commandBackups(parts: CommandBackupParts): BackupRepository {
  const { make, list, restore, verify, restores, timeout: within, closing: signal } = parts;

  const ask = async ([file, ...words]: Argv, more: readonly string[] = []): Promise<ProgramAnswer> =>
    askProgram({ file, args: [...words, ...more], env: await parts.env() }, { within, signal });

  async function snapshots(): Promise<readonly BackupSnapshot[]> {
    const answer = await ask(list);
    if (answer.ended !== 0)
      throw new FairwayError("command_failed", `${list[0]} did not list what there is: ${lastWords(answer)}`);
    return listed(answer.wrote, list[0], restores).toSorted((a, b) => Date.parse(a.endedAt) - Date.parse(b.endedAt));
  }

  async function known(id: string): Promise<BackupSnapshot> {
    const found = (await snapshots()).find((one) => one.id === id);
    if (found === undefined) throw new FairwayError("not_found", `${list[0]} lists no backup ${JSON.stringify(id)}`);
    return found;
  }

  return {
    label: `${commandBegins}, ${restores === "files" ? "files" : "dumps"} as ${list.join(" ")} lists them`,
    snapshots,
    async take() {
      if (make === null) throw new FairwayError("not_allowed_now", "no command makes one: it is watched only");
      const before = new Set((await snapshots()).map(({ id }) => id));
      const answer = await ask(make);
      if (answer.ended !== 0)
        throw new FairwayError("command_failed", `${make[0]} made no backup: ${lastWords(answer)}`);
      const made = (await snapshots()).findLast(({ id }) => !before.has(id));
      if (made === undefined)
        throw new FairwayError("backup_damaged", `${make[0]} ended well, and ${list[0]} lists no new backup`);
      return made;
    },
    missing: async (id) => {
      await known(id);
      return [];
    },
    async restore(id, directory) {
      await known(id);
      const answer = await ask(restore, [id, directory]);
      // What it left counts; that nothing is there is the answer where it says why.
      if (!existsSync(directory))
        throw new FairwayError("backup_damaged", `${restore[0]} restored nothing of ${id}: ${lastWords(answer)}`);
      const verdict = await ask(verify, [id, directory]);
      const { whole, why } = verdictOf(verdict, verify[0]);
      if (!whole) throw new FairwayError("backup_damaged", `${id} is not whole: ${why}`);
      const path = restores === "dump" ? join(directory, "dump") : directory;
      if (!existsSync(path)) throw new FairwayError("backup_damaged", `${restore[0]} left no file dump of ${id}`);
      return { kind: restores, path, bytes: await bytesIn(path) };
    },
    async fingerprint() {
      const found = await snapshots();
      return { backups: Object.fromEntries(found.map((one) => [one.id, JSON.stringify(one)])), timelines: [] };
    },
  };
}

/** What `verify` has printed last: `{"whole":true}`, or with `why` where it is not. */
function verdictOf(answer: ProgramAnswer, program: string): { readonly whole: boolean; readonly why: string } {
  const line = answer.wrote.trim().split("\n").at(-1) ?? "";
  let found: unknown;
  try {
    found = JSON.parse(line);
  } catch {
    // Anything but its word is a no: whoever says nothing has verified nothing.
    return { whole: false, why: `${program} printed no verdict: ${lastWords(answer)}` };
  }
  const { whole, why } = (found ?? {}) as { readonly whole?: unknown; readonly why?: unknown };
  return {
    whole: whole === true && answer.ended === 0,
    why: typeof why === "string" ? why : `${program} does not call it whole`,
  };
}

function listed(text: string, program: string, restores: "files" | "dump"): readonly BackupSnapshot[] {
  const wrong = (why: string): FairwayError =>
    new FairwayError("backup_damaged", `${program} did not list backups: ${why}`, {
      hint: 'print a JSON list such as [{"id":"1","startedAt":"2026-01-31T02:15:00Z","endedAt":"…","bytes":1024,"encrypted":true}]',
    });
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (thrown) {
    throw wrong(`it printed no JSON (${(thrown as Error).message})`);
  }
  if (!Array.isArray(found)) throw wrong("it printed no list");
  return found.map((one: unknown, place) => {
    const { id, startedAt, endedAt, bytes, encrypted, serverVersion, identity } = (one ?? {}) as Record<
      string,
      unknown
    >;
    const [begun, ended] = [momentOf(startedAt ?? endedAt), momentOf(endedAt)];
    if (typeof id !== "string" || id === "" || begun === null || ended === null || typeof bytes !== "number")
      throw wrong(`its entry ${place + 1} lacks id, endedAt or bytes`);
    return {
      ...{ id, startedAt: begun, endedAt: ended, bytes, position: null, encrypted: encrypted === true },
      kind: restores === "dump" ? ("logical" as const) : ("artifacts" as const),
      serverVersion: typeof serverVersion === "string" ? serverVersion : null,
      identity: typeof identity === "string" ? identity : null,
    };
  });
}

const momentOf = (value: unknown): string | null =>
  typeof value === "string" && !Number.isNaN(Date.parse(value)) ? new Date(value).toISOString() : null;

async function bytesIn(path: string): Promise<number> {
  const found = await lstat(path);
  if (!found.isDirectory()) return found.size;
  let bytes = 0;
  for (const name of await readdir(path)) bytes += await bytesIn(join(path, name));
  return bytes;
}
