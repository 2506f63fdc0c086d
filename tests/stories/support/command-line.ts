import { execFile } from "node:child_process";
import { join } from "node:path";

/** What a command of the CLI said. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const program = join(import.meta.dirname, "../../../apps/cli/bin/fairway.mjs");

/** Runs the built `fairway` in a directory, as a script would: no terminal. */
export function commandLine(directory: string, data: string, ...words: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    const argv = [program, "--data", data, ...words];
    const child = execFile(
      process.execPath,
      argv,
      { cwd: directory, maxBuffer: 64 * 1024 * 1024 },
      (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err });
      },
    );
    child.stdin?.end();
  });
}
