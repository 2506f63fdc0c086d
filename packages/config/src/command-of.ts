import type { Argv } from "@fairway/core";
import { commandWords } from "./command-words.ts";
import type { Command } from "./project-config.ts";

/** The program and arguments of a command whose form has been checked. */
export function argvOf(command: Command): Argv {
  if (typeof command !== "string") return command as Argv;
  const split = commandWords(command);
  if ("problem" in split) throw new TypeError(`the command was not checked before: ${split.problem}`);
  return split.words as unknown as Argv;
}
