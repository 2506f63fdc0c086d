import { accessSync, constants, statSync } from "node:fs";
import { delimiter, resolve } from "node:path";

/** What is to be started, where, with what. */
export interface Start {
  readonly command: readonly [string, ...string[]];
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Why a command cannot be started at all, as a sentence; null when nothing stands in its way. */
export function startObstacle({ command, directory, env }: Start): string | null {
  if (!isDirectory(directory)) return `the directory ${directory} does not exist`;
  const [program] = command;
  const found = program.includes("/")
    ? isProgram(resolve(directory, program))
    : (env["PATH"] ?? "").split(delimiter).some((folder) => isProgram(resolve(directory, folder, program)));
  if (!found)
    return program.includes("/")
      ? `the command "${program}" is not a program that can be run from ${directory}`
      : `the command "${program}" was not found in PATH (${env["PATH"] ?? "empty"})`;
  // Named without its value, which may be a secret.
  const torn = Object.entries(env).find(([name, value]) => `${name}${value}`.includes("\0"));
  if (torn) return `the environment variable ${torn[0].replaceAll("\0", "")} has a zero byte in it`;
  if (command.some((word) => word.includes("\0"))) return "the command has a zero byte in it";
  return null;
}

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // Not there, or not for us to run.
  }
}
