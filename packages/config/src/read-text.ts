import { isUtf8 } from "node:buffer";
import { readFileSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import { messageOf } from "@fairway/core";
import { placeFinder } from "./places.ts";
import type { Problem, ProblemCode } from "./problems.ts";

const largestFile = 1024 * 1024;

/**
 * The text of a file of the repository, or why it is not read: no ordinary file, a link out of the repository, too large, no
 * UTF-8, or one that we may not read. `what` is the subject of the sentence.
 */
export function readText(
  root: string,
  file: string,
  what: string,
): { readonly text: string } | { readonly problem: Problem } {
  const refuse = (
    code: ProblemCode,
    message: string,
    fix: string,
    line = 1,
    column = 1,
  ): { readonly problem: Problem } => ({
    problem: { file, line, column, path: "", code, message, fix },
  });
  const whole = resolve(root, file);
  let bytes: Buffer;
  try {
    const stats = statSync(whole, { throwIfNoEntry: false });
    if (stats === undefined) return refuse("missing", "there is no such file", "name one that is in the repository");
    if (!stats.isFile()) return refuse("path", `${what} must be an ordinary file`, "write it as a file");
    if (leaves(root, realpathSync(whole)))
      return refuse("path", `${what} must be inside the repository`, "put the file itself there");
    if (stats.size > largestFile)
      return refuse(
        "too_large",
        `the file has ${stats.size} bytes, and at most ${largestFile} are read`,
        "a configuration is data about a project, not the data of one",
      );
    bytes = readFileSync(whole);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === undefined) throw thrown;
    return refuse(
      "path",
      `${what} cannot be read: ${messageOf(thrown)}`,
      "give yourself the right to read it, or put it back",
    );
  }
  const text = bytes.toString("utf8");
  if (isUtf8(bytes)) return { text: text.replace(/^\uFEFF/u, "") };
  const { line, column } = placeFinder(text)(firstReplaced(text, bytes));
  return refuse("syntax", `${what} must be UTF-8, and what is here is not`, "save it as UTF-8", line, column);
}

/** Where a decoder had to write U+FFFD for bytes that are no character, and did not find it there. */
function firstReplaced(text: string, bytes: Buffer): number {
  for (let at = text.indexOf("\uFFFD"); at !== -1; at = text.indexOf("\uFFFD", at + 1)) {
    const offset = Buffer.byteLength(text.slice(0, at));
    if (!bytes.subarray(offset, offset + 3).equals(Buffer.from("\uFFFD"))) return at;
  }
  return 0;
}

/** Whether a path is not in the folder, nor in one below it. */
export function leaves(root: string, whole: string): boolean {
  const way = relative(root, whole);
  return way === ".." || way.startsWith("../") || isAbsolute(way);
}
