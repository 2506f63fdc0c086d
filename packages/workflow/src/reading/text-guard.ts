import { Lexer } from "yaml";

/** What a text has too much of to be parsed, and where that begins. */
export interface Excess {
  readonly offset: number;
  readonly what: string;
}

/** GitHub takes no larger workflow file. */
const largest = 512 * 1024;
/** GitHub's own files of test data go 20 levels deep, real ones about ten. */
const deepest = 64;
const widestIndent = 512;
/** A workflow of 5,000 lines has about 20,000. The parser needs 0.1 ms a piece when they are of the worst kind. */
const mostTokens = 30_000;

// The parser calls itself for each level: a megabyte of "[" ends the whole process (yaml 2.9.1, Node 20.20). The lexer
// is flat and fast, so it looks first.

/** Looks whether the YAML parser can be trusted with a text; undefined when it can. */
export function textExcess(text: string): Excess | undefined {
  if (Buffer.byteLength(text) > largest) return { offset: 0, what: `the file is larger than ${largest / 1024} KiB` };
  let offset = 0;
  let tokens = 0;
  let brackets = 0;
  let indicators = 0;
  let lineStart = true;
  for (const token of new Lexer().lex(text)) {
    // Marks that the lexer adds and that are not in the text: document, end of a broken flow, scalar.
    if (token === "\u0002" || token === "\u0018" || token === "\u001f") continue;
    const blank = token.trim() === "";
    if (!blank) tokens++;
    if (token === "[" || token === "{") brackets++;
    else if (token === "]" || token === "}") brackets--;
    else if (token === "-" || token === "?") indicators++;
    else if (token.endsWith("\n")) indicators = 0;
    const indent = blank && lineStart ? token.length : 0;
    if (brackets > deepest || indicators > deepest || indent > widestIndent)
      return { offset, what: "the file is nested too deeply to be read" };
    if (tokens > mostTokens) return { offset, what: `the file has more than ${mostTokens} words and signs` };
    lineStart = token.endsWith("\n");
    offset += token.length;
  }
  return undefined;
}
