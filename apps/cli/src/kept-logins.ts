import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { FairwayError } from "@fairway/core";

/** A session of this machine's user with one daemon. */
export interface KeptLogin {
  readonly token: string;
  readonly name: string;
  readonly expiresAt: string;
}

/** Where a user's own things are, by the XDG rules. */
const directory = (): string => join(process.env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "fairway");
const place = (): string => join(directory(), "logins.json");

/** The session with the daemon at an address, or null. Throws `bad_request` for a file that others can read. */
export async function keptLogin(url: string): Promise<KeptLogin | null> {
  const kept = (await everyLogin())[url];
  return kept !== undefined && Date.parse(kept.expiresAt) > Date.now() ? kept : null;
}

/** Keeps a session, or forgets it when it is null. */
export async function keepLogin(url: string, login: KeptLogin | null): Promise<void> {
  const { [url]: _before, ...others } = await everyLogin();
  const all = login === null ? others : { ...others, [url]: login };
  const path = place();
  const beside = `${path}.${process.pid}`;
  await mkdir(directory(), { recursive: true, mode: 0o700 });
  try {
    await writeFile(beside, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
    await rename(beside, path);
  } finally {
    await rm(beside, { force: true });
  }
}

async function everyLogin(): Promise<Readonly<Record<string, KeptLogin>>> {
  const path = place();
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0)
      throw new FairwayError("bad_request", `others can read ${path}, which holds your logins`, {
        hint: `chmod 600 ${path}, and log in again: fairway login`,
      });
    return understood(JSON.parse(await readFile(path, "utf8")));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return {};
    if (!(thrown instanceof SyntaxError)) throw thrown;
    throw new FairwayError("bad_request", `${path} is damaged`, { hint: "remove it, and log in again: fairway login" });
  }
}

/** What is no login in it counts for nothing. */
function understood(found: unknown): Readonly<Record<string, KeptLogin>> {
  if (typeof found !== "object" || found === null) return {};
  return Object.fromEntries(
    Object.entries(found as Record<string, Partial<KeptLogin> | null>).filter(
      (entry): entry is [string, KeptLogin] =>
        typeof entry[1]?.token === "string" &&
        typeof entry[1].name === "string" &&
        typeof entry[1].expiresAt === "string",
    ),
  );
}
