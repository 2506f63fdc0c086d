/** What became of splitting a command: its words, or why only a shell could run it. */
export type Words =
  | { readonly words: readonly string[] }
  | { readonly problem: string; readonly code: "shell_syntax" | "wrong_value"; readonly fix: string };

const shellOnly = new Set(["|", "&", ";", "<", ">", "(", ")", "$", "`", "\n"]);
const expandedInQuotes = new Set(["$", "`"]);
const assignment = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/su;

/** Splits a command into its words by spaces, quotes and backslashes; whatever needs a shell is refused. */
export function commandWords(command: string): Words {
  const words: string[] = [];
  let word: string | null = null;
  let quote: "'" | '"' | null = null;
  for (let index = 0; index < command.length; index++) {
    const character = command.charAt(index);
    if (quote === "'") {
      if (character === quote) quote = null;
      else word = (word ?? "") + character;
    } else if ((quote === null ? shellOnly : expandedInQuotes).has(character)) {
      return needsShell(command, character);
    } else if (character === "\\") {
      const next = command.charAt(++index);
      if (next === "") return malformed(command, "ends in a backslash");
      word = (word ?? "") + (quote === '"' && next !== '"' && next !== "\\" ? `\\${next}` : next);
    } else if (quote === '"') {
      if (character === quote) quote = null;
      else word = (word ?? "") + character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (/\s/u.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + character;
  }
  if (quote !== null) return malformed(command, `has a ${quote} that is not closed`);
  if (word !== null) words.push(word);
  const [first] = words;
  if (first === undefined || first === "") return malformed(command, "names no program");
  return assignment.test(first) && !/^["']/u.test(command.trimStart()) ? setsVariable(words) : { words };
}

/** One word as it must be written so that it is read back as it is. */
export const quotedWord = (word: string): string =>
  /^[A-Za-z0-9_@%+:,./~*?[\]{}!#^=-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

const needsShell = (command: string, character: string): Words => ({
  problem: `uses ${character === "\n" ? "a line break" : `"${character}"`}, which only a shell understands, and commands are run without one`,
  code: "shell_syntax",
  fix: `ask for a shell: ["bash", "-c", ${JSON.stringify(command)}]`,
});

const malformed = (command: string, how: string): Words => ({
  problem: `${how}: ${JSON.stringify(command)}`,
  code: "wrong_value",
  fix: 'write the words as a list: ["program", "first argument"]',
});

function setsVariable(words: readonly string[]): Words {
  const leading = words.findIndex((word) => !assignment.test(word));
  const variables = words.slice(0, leading === -1 ? words.length : leading).map((word) => assignment.exec(word));
  const env = variables.map((found) => `${found?.[1]}: ${JSON.stringify(found?.[2])}`).join(", ");
  const rest = leading === -1 ? "…" : words.slice(leading).map(quotedWord).join(" ");
  return {
    problem: `sets ${variables[0]?.[1]} in front of the program, which only a shell understands`,
    code: "shell_syntax",
    fix: `put it into env: { command: ${JSON.stringify(rest)}, env: { ${env} } }`,
  };
}
