/** How a script is given to its shell. */
export interface ShellCommand {
  /** The program, as named. */
  readonly program: string;
  /** Arguments with `{0}` where the script's path comes. */
  readonly format: string;
  /** Of the script file; `python` needs none but people look at it. */
  readonly extension: string;
}

const formats: Readonly<Record<string, string>> = {
  bash: "--noprofile --norc -e -o pipefail {0}",
  sh: "-e {0}",
  python: "{0}",
  pwsh: `-command ". '{0}'"`,
  powershell: `-command ". '{0}'"`,
};

const extensions: Readonly<Record<string, string>> = {
  bash: ".sh",
  sh: ".sh",
  python: ".py",
  pwsh: ".ps1",
  powershell: ".ps1",
};

/**
 * The shell of a `run` step, by the rules of the official runner (ScriptHandler): without `shell` it is `bash -e`, without
 * pipefail, or `sh -e` where there is no bash; `shell: bash` is stricter; anything else is a command line with `{0}`.
 */
export function shellCommand(shell: string | undefined, hasBash: boolean): ShellCommand | { readonly problem: string } {
  if (shell === undefined || shell === "") {
    return { program: hasBash ? "bash" : "sh", format: "-e {0}", extension: ".sh" };
  }
  const space = shell.indexOf(" ");
  const program = space < 0 ? shell : shell.slice(0, space);
  const written = space < 0 ? "" : shell.slice(space + 1).trimStart();
  const name = program.toLowerCase();
  const format = written === "" ? (formats[name] ?? "") : written;
  if (!format.includes("{0}")) {
    return {
      problem:
        "Invalid shell option. Shell must be a valid built-in (bash, sh, cmd, powershell, pwsh) or a format string containing '{0}'",
    };
  }
  return { program, format, extension: extensions[name] ?? "" };
}

/** What is written to the script file: PowerShell needs its errors made to count. */
export function scriptContents(program: string, script: string): string {
  if (program !== "pwsh" && program !== "powershell") return script;
  return `$ErrorActionPreference = 'stop'\n${script}\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }`;
}

/**
 * The arguments that a format comes to. Words are split as the official runner's process start does on Linux: at blanks,
 * double quotes hold together, a backslash saves a double quote.
 */
export function shellArguments(format: string, script: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (let at = 0; at < format.length; at++) {
    const letter = format.charAt(at);
    if (format.startsWith("{0}", at)) {
      word = (word ?? "") + script;
      at += 2;
    } else if (letter === "\\" && format.charAt(at + 1) === '"') {
      word = `${word ?? ""}"`;
      at++;
    } else if (letter === '"') {
      quoted = !quoted;
      word ??= "";
    } else if (!quoted && (letter === " " || letter === "\t")) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + letter;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
