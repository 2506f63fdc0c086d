import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { Client } from "@fairway/api";
import { createClient } from "@fairway/api/client";
import { FairwayError } from "@fairway/core";
import { keptLogin } from "./kept-logins.ts";

/** What every command is given before its own options. */
export interface GlobalOptions {
  readonly data?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
}

/** The repository around a directory, or null: the nearest folder upwards that git knows as one. */
async function findRepository(from: string): Promise<string | null> {
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    const found = await stat(join(directory, ".git")).then(
      () => true,
      () => false,
    );
    if (found) return directory;
    if (directory === dirname(directory)) return null;
  }
}

/** The repository that the command is about. Throws `not_a_repository`. */
export async function repositoryHere(): Promise<string> {
  const found = await findRepository(process.cwd());
  if (found) return found;
  throw new FairwayError("not_a_repository", `${process.cwd()} is not inside a git repository`, {
    hint: "go into the project's repository, or make one with: git init",
  });
}

/**
 * Where a repository's daemon keeps everything. Outside the repository, so that cleaning the working tree cannot take
 * production with it; one for each clone, told apart by its path.
 */
export async function dataDirectoryOf(options: GlobalOptions): Promise<string> {
  const given = options.data ?? process.env["FAIRWAY_DATA"];
  if (given) return resolve(given);
  const repository = await realpath(await repositoryHere());
  const states = process.env["XDG_STATE_HOME"] || join(homedir(), ".local", "state");
  const hash = createHash("sha256").update(repository).digest("hex").slice(0, 8);
  return join(states, "fairway", `${basename(repository)}-${hash}`);
}

/** A client of the daemon that holds the data directory. Throws `daemon_not_running`. */
export async function daemonClient(options: GlobalOptions): Promise<Client> {
  return clientFor(await daemonUrl(options));
}

/** Where the daemon answers: `FAIRWAY_URL`, or what the one of this data directory wrote down. Throws `daemon_not_running`. */
export async function daemonUrl(options: GlobalOptions): Promise<string> {
  const told = process.env["FAIRWAY_URL"];
  if (told) return urlFrom(told);
  const directory = await dataDirectoryOf(options);
  const { url, pid } = await daemonRecord(directory);
  if (url && !(await isAnothers(url, pid))) return url;
  throw new FairwayError("daemon_not_running", `no daemon runs for ${directory}`, {
    hint: "start it with: fairway up",
  });
}

/** Throws `bad_request`. */
export function urlFrom(written: string): string {
  if (URL.canParse(written) && ["https:", "http:"].includes(new URL(written).protocol)) return new URL(written).origin;
  throw new FairwayError("bad_request", `"${written}" is no address of a daemon`, {
    hint: "FAIRWAY_URL is like https://fairway.example.com",
  });
}

/** A client that shows who asks: by `FAIRWAY_TOKEN`, or as `fairway login` has kept it. */
async function clientFor(url: string): Promise<Client> {
  const token = process.env["FAIRWAY_TOKEN"];
  if (token) return createClient(url, { token: () => token });
  const kept = await keptLogin(url);
  if (kept === null) return createClient(url);
  const holder = { token: kept.token };
  return createClient(url, {
    token: () => holder.token,
    proveAgain: async () => {
      const { proveByPassword } = await import("./commands/people/prove.ts");
      const proven = await proveByPassword(url, kept);
      if (proven !== null) holder.token = proven;
      return proven !== null;
    },
  });
}

/**
 * Whether another daemon answers at the address: the record of one that was killed stays, and the next to start, of
 * another repository say, may have its port. Where nobody answers, the request itself will tell.
 */
async function isAnothers(url: string, pid: number): Promise<boolean> {
  try {
    const answer = (await (await fetch(`${url}/livez`, { signal: AbortSignal.timeout(2000) })).json()) as {
      readonly pid?: number;
    };
    return answer.pid !== undefined && answer.pid !== pid;
  } catch {
    return false;
  }
}

interface DaemonRecord {
  readonly url: string | null;
  readonly pid: number;
}

/** What the daemon of a data directory wrote down about itself. */
async function daemonRecord(directory: string): Promise<DaemonRecord> {
  try {
    return JSON.parse(await readFile(join(directory, "daemon.json"), "utf8")) as DaemonRecord;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return { url: null, pid: 0 };
    throw new FairwayError("data_directory_unusable", `cannot read ${join(directory, "daemon.json")}`, {
      cause: thrown,
    });
  }
}

/** Who asks, for the record. */
export const whoAsks = (): string => process.env["FAIRWAY_USER"] || userInfo().username;
