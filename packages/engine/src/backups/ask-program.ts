import { execFile } from "node:child_process";
import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { serverEnvironment } from "../database/server-user.ts";

/** A program that is asked something. Its words are seen by everybody on the machine: what is secret comes by `env`. */
export interface AskedProgram {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** How a program has answered. That it ended well is no evidence of what it made. */
export interface ProgramAnswer {
  readonly ended: number | string;
  /** What it wrote for programs. */
  readonly wrote: string;
  /** The end of what it said to people. */
  readonly said: string;
}

const mostWritten = 256 * 1024 ** 2;
const lastSaid = 2_000;

/**
 * Runs a program to its end, with nothing of the daemon's own environment. Throws `command_failed` where it is not installed,
 * and `deadline_passed`; that it ended badly is an answer.
 */
export function askProgram(
  { file, args, env = {}, cwd = "/" }: AskedProgram,
  { within, signal }: { readonly within: Millis; readonly signal: AbortSignal },
): Promise<ProgramAnswer> {
  return new Promise((resolve, reject) => {
    execFile(
      file,
      [...args],
      {
        ...{ cwd, signal, env: { ...serverEnvironment, ...env } },
        ...{ timeout: within, killSignal: "SIGKILL", maxBuffer: mostWritten },
      },
      (error, stdout, stderr) => {
        const answer = { wrote: stdout, said: stderr.trim().slice(-lastSaid) };
        if (error === null) return resolve({ ended: 0, ...answer });
        if (error.code === ("ENOENT" as unknown as number))
          return reject(
            new FairwayError("command_failed", `${file} is not installed where the daemon looks`, {
              hint: `install it on the daemon's machine`,
            }),
          );
        if (error.code === ("ERR_CHILD_PROCESS_STDIO_MAXBUFFER" as unknown as number))
          return reject(new FairwayError("command_failed", `${file} said more than ${mostWritten / 1024 ** 2} MiB`));
        // Only the deadline of `timeout` kills it without our asking.
        if (error.killed === true && !signal.aborted)
          return reject(new FairwayError("deadline_passed", `${file} did not end within ${within / 1000} s`));
        return resolve({ ended: error.code ?? error.signal ?? 1, ...answer });
      },
    );
  });
}

/** The error that a program told people, or the last of what it said, in one line. */
export function lastWords({ said, wrote }: ProgramAnswer): string {
  const text = said === "" ? wrote.trim() : said;
  const error = /^.*\b(?:ERROR|Fatal): .*$/mu.exec(text)?.[0];
  return (error ?? text.split("\n").slice(-3).join(" / ")).slice(0, 600);
}
