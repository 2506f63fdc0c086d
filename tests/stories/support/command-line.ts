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
export const commandLine = (directory: string, data: string, ...words: readonly string[]): Promise<Said> =>
  said(directory, [process.execPath, program, "--data", data, ...words]);

/** The same with words on its standard input, and with variables besides its own. */
export const commandLineWith = (
  { input, env }: { readonly input: string; readonly env: Readonly<Record<string, string>> },
  directory: string,
  data: string,
  ...words: readonly string[]
): Promise<Said> => said(directory, [process.execPath, program, "--data", data, ...words], input, env);

/** What somebody saw at a terminal who typed answers. */
export interface Seen {
  readonly code: number;
  readonly seen: string;
  /** How many answers were not asked for. */
  readonly unasked: number;
}

/** The same at a terminal, where answers are typed once their question is seen. Wants Python 3. */
export async function typedCommand(
  {
    answers,
    env,
  }: {
    readonly answers: readonly (readonly [asked: string, typed: string])[];
    readonly env: Readonly<Record<string, string>>;
  },
  directory: string,
  data: string,
  ...words: readonly string[]
): Promise<Seen> {
  const command = [process.execPath, program, "--data", data, ...words];
  const terminal = join(import.meta.dirname, "at-a-terminal.py");
  const { out } = await said(
    directory,
    ["python3", terminal, JSON.stringify(command), JSON.stringify(answers)],
    "",
    // A CI that says so of itself is never asked anything.
    { ...env, CI: "", TERM: "xterm" },
  );
  return JSON.parse(out) as Seen;
}

/** The same where the data directory lies on a file system that can only be read. It is mounted for this command alone. */
export function commandLineOnReadOnly(directory: string, data: string, ...words: readonly string[]): Promise<Said> {
  const mount = 'mount -t tmpfs -o ro,size=64k tmpfs "$1" && shift && exec "$@"';
  const command = [process.execPath, program, "--data", data, ...words];
  return said(directory, ["unshare", "--mount", "sh", "-c", mount, "sh", data, ...command]);
}

function said(
  directory: string,
  [file = "", ...words]: readonly string[],
  input = "",
  env: Readonly<Record<string, string>> = {},
): Promise<Said> {
  return new Promise((resolve) => {
    // Where CI is set, colours are on for whoever reads the log there.
    const options = { cwd: directory, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, NO_COLOR: "1", ...env } };
    const child = execFile(file, words, options, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
    child.stdin?.end(input);
  });
}
