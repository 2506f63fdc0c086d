import { execFile } from "node:child_process";
import { lchown, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { FairwayError, messageOf } from "@fairway/core";

/** Whom the database server runs as: PostgreSQL refuses to run as root. */
export type ServerUser =
  | { readonly kind: "self" }
  /** Root outside, an ordinary user inside: the files stay root's, and any directory can be reached. */
  | { readonly kind: "user-namespace" }
  | { readonly kind: "unprivileged"; readonly uid: number; readonly gid: number };

/** A command as it must be spawned to run as a server user. */
export interface CommandAs {
  readonly file: string;
  readonly args: readonly string[];
  readonly identity: { readonly uid?: number; readonly gid?: number };
}

const nobody: ServerUser = { kind: "unprivileged", uid: 65534, gid: 65534 };

/** The command that runs a program of PostgreSQL as the given user. */
export function commandAs(user: ServerUser, program: string, args: readonly string[]): CommandAs {
  switch (user.kind) {
    case "self":
      return { file: program, args, identity: {} };
    case "user-namespace":
      // unshare execs the program, so the process id is the server's own.
      return {
        file: "unshare",
        args: ["--user", "--map-user=1000", "--map-group=1000", "--", program, ...args],
        identity: {},
      };
    case "unprivileged":
      return { file: program, args, identity: { uid: user.uid, gid: user.gid } };
  }
}

/** The environment that the server and its tools get: nothing of the daemon's own, which may hold secrets. */
export const serverEnvironment: NodeJS.ProcessEnv = {
  LC_ALL: "C",
  TZ: "UTC",
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
};

/**
 * Finds a way to run PostgreSQL from this process, trying each by asking a program for its version. The directory, which
 * is closed to all but its owner, is given to the user that was found.
 */
export async function chooseServerUser(program: string, directory: string): Promise<ServerUser> {
  const isRoot = process.getuid?.() === 0;
  const candidates: readonly ServerUser[] = isRoot ? [{ kind: "user-namespace" }, nobody] : [{ kind: "self" }];
  const problems: string[] = [];
  for (const user of candidates) {
    if (isRoot) await lchown(directory, ...ownerFor(user));
    const problem = await whyItCannotRun(user, program);
    if (problem === undefined) return user;
    problems.push(`${describe(user)}: ${problem}`);
  }
  if (isRoot) await lchown(directory, 0, 0);
  throw new FairwayError(
    "database_unusable",
    `could not run the embedded PostgreSQL ${program}: ${problems.join("; ")}`,
    {
      problems,
      hint: isRoot
        ? "PostgreSQL refuses to run as root: run Fairway as an ordinary user, allow user namespaces, put the data directory where other users can reach it (/var/lib/fairway), or set DATABASE_URL"
        : "it needs macOS or a Linux with glibc; elsewhere set DATABASE_URL to a PostgreSQL of your own",
    },
  );
}

/** Hands files to the user that the server runs as. Only root can and need do so; what is theirs already is left. */
export async function giveTo(user: ServerUser, path: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const [uid, gid] = ownerFor(user);
  if ((await lstat(path)).uid !== uid) await chownTree(path, uid, gid);
}

const ownerFor = (user: ServerUser): readonly [uid: number, gid: number] =>
  user.kind === "unprivileged" ? [user.uid, user.gid] : [0, 0];

async function chownTree(path: string, uid: number, gid: number): Promise<void> {
  if ((await lstat(path)).isDirectory())
    for (const name of await readdir(path)) await chownTree(join(path, name), uid, gid);
  // The directory itself last: its owner says that all beneath it is done.
  await lchown(path, uid, gid);
}

function describe(user: ServerUser): string {
  switch (user.kind) {
    case "self":
      return "as the present user";
    case "user-namespace":
      return "in a user namespace (unshare)";
    case "unprivileged":
      return `as uid ${user.uid}`;
  }
}

function whyItCannotRun(user: ServerUser, program: string): Promise<string | undefined> {
  const { file, args, identity } = commandAs(user, program, ["--version"]);
  return new Promise((resolve) => {
    try {
      execFile(
        file,
        args,
        { ...identity, env: serverEnvironment, cwd: "/", timeout: 10_000 },
        (error, _stdout, stderr) => resolve(error === null ? undefined : stderr.trim() || error.message),
      );
    } catch (thrown) {
      // Node throws at once, rather than calling back, when the uid may not be taken.
      resolve(messageOf(thrown));
    }
  });
}
