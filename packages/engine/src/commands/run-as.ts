import { fchownSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A user and group of the system, whom only root can become. */
export interface CommandUser {
  readonly uid: number;
  readonly gid: number;
}

/** What the program of `run-as-boot.ts` is told, on a file descriptor that nobody else can open. */
export interface RunAs {
  readonly user: CommandUser;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Built code beside this file, also when this file runs from its source. */
const program = join(import.meta.dirname.replace(/([\\/])src([\\/]commands)$/u, "$1dist$2"), "run-as-boot.js");

/** The command that becomes a user and then runs the one it is told. Holds nothing of that command: no word, no variable. */
export const bootCommand: readonly [string, ...string[]] = [process.execPath, program];

/**
 * Of the root processes between the daemon and the command. Nothing that the command's environment may hold, LD_PRELOAD
 * say, may reach a process that is still root.
 */
export const cleanEnvironment: Readonly<Record<string, string>> = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C.UTF-8",
};

/**
 * Writes down what the boot program is told and gives the descriptor to read it on; the caller closes it. The file has no
 * name any more when this returns, because its variables may be secrets.
 */
export function tellBoot(directory: string, told: RunAs): number {
  const path = join(directory, "told");
  try {
    writeFileSync(path, JSON.stringify(told), { mode: 0o600, flag: "wx" });
    return openSync(path, "r");
  } finally {
    rmSync(path, { force: true });
  }
}

/** Lets the user open again what it writes to: programs do, by /dev/stdout. */
export const giveOutput = (output: number, { uid, gid }: CommandUser): void => fchownSync(output, uid, gid);
