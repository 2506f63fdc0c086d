/** What a YAML text has too much of to be parsed, and where that begins. */
export interface YamlExcess {
  /** In characters, from 0. */
  readonly offset: number;
  readonly what: string;
}

/** No file that people write needs more levels: the configuration has about ten, GitHub's own test data twenty. */
const deepest = 64;
const widestIndent = 512;

// Parsers of YAML call themselves for each level and answer an overflow of the stack with an error per bracket: a
// megabyte of "[" ended the whole process (fatal, out of memory in the regular expression compiler; yaml 2.9.1, Node
// 20.20). A lexer is flat and fast, so its tokens are looked at first.

/** Marks that the lexer of `yaml` adds and that are not in the text: document, end of a broken flow, scalar. */
const marks = new Set(["\u0002", "\u0018", "\u001f"]);

/**
 * Looks whether a parser can be trusted with a text, by what the lexer of `yaml` made of it; undefined when it can. The
 * parser needs 0.1 ms a token when they are of the worst kind, so `mostTokens` is also a limit of time.
 */
export function yamlExcess(tokens: Iterable<string>, mostTokens: number): YamlExcess | undefined {
  let offset = 0;
  let count = 0;
  let brackets = 0;
  let indicators = 0;
  let lineStart = true;
  for (const token of tokens) {
    if (marks.has(token)) continue;
    const blank = token.trim() === "";
    if (!blank) count++;
    if (token === "[" || token === "{") brackets++;
    else if (token === "]" || token === "}") brackets--;
    else if (token === "-" || token === "?") indicators++;
    else if (token.endsWith("\n")) indicators = 0;
    const indent = blank && lineStart ? token.length : 0;
    if (brackets > deepest || indicators > deepest || indent > widestIndent)
      return { offset, what: "the file is nested too deeply to be read" };
    if (count > mostTokens) return { offset, what: `the file has more than ${mostTokens} words and signs` };
    lineStart = token.endsWith("\n");
    offset += token.length;
  }
  return undefined;
}
