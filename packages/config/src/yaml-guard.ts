import { Lexer } from "yaml";

/** What a YAML text has too much of to be parsed, and where that begins. */
export interface Excess {
  readonly offset: number;
  readonly what: string;
}

/** No configuration needs more levels; the schema has about ten. */
const deepest = 64;
const widestIndent = 512;
/** The marketplace example has about 400. The parser needs 0.1 ms a piece when they are of the worst kind. */
const mostTokens = 20_000;

// The parser calls itself for each level and answers an overflow of the stack with an error per bracket: a megabyte of
// "[" ended the whole process (fatal, out of memory in the regular expression compiler; yaml 2.9.1, Node 20.20). The
// lexer is flat and fast, so it looks first.

/** Looks whether the parser can be trusted with a text; null when it can. */
export function yamlExcess(text: string): Excess | null {
  let offset = 0;
  let tokens = 0;
  let brackets = 0;
  let indicators = 0;
  let lineStart = true;
  for (const token of new Lexer().lex(text)) {
    // Marks that the lexer adds and that are not in the text: document, end of a broken flow, scalar.
    if (token === "\u0002" || token === "\u0018" || token === "\u001f") continue;
    const blank = /^\s*$/u.test(token);
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
  return null;
}
