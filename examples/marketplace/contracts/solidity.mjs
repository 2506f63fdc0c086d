/** A look at Solidity source that is good enough for house rules: it knows comments, strings and brackets. */

/** The text with comments and the insides of strings blanked out; every position stays what it was. */
export function withoutCommentsAndStrings(source) {
  return source.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, (part) => {
    const blank = part.replace(/[^\n]/g, " ");
    return /^["']/.test(part) ? part[0] + blank.slice(1, -1) + part.at(-1) : blank;
  });
}

const closes = { ")": "(", "]": "[", "}": "{" };

/** Where the brackets of a blanked text do not match, or null. */
export function unmatchedBracket(code) {
  const open = [];
  for (const { 0: bracket, index } of code.matchAll(/[()[\]{}]/g)) {
    if (!closes[bracket]) open.push({ bracket, index });
    else if (open.pop()?.bracket !== closes[bracket]) return index;
  }
  return open.length > 0 ? open.at(-1).index : null;
}

/** Contracts, interfaces and libraries of a file. */
export const unitsOf = (code) =>
  [...code.matchAll(/\b(?:(abstract)\s+)?(contract|interface|library)\s+(\w+)/g)].map(
    ({ 1: abstract, 2: kind, 3: name, index }) => ({
      kind: abstract ? "abstract contract" : kind,
      name,
      index,
    }),
  );

/** Functions with what stands before and in their head. `documentation` is the NatSpec right above. */
export const functionsOf = (source, code) =>
  [...code.matchAll(/\bfunction\s+(\w+)\s*\(([^)]*)\)([^{;]*)([{;])/g)].map(
    ({ 1: name, 2: parameters, 3: head, index }) => ({
      name,
      index,
      parameters: [...parameters.matchAll(/(\w+)\s*(?:,|$)/g)].map((match) => match[1]),
      visibility: /\b(external|public|internal|private)\b/.exec(head)?.[1] ?? null,
      changesState: !/\b(view|pure)\b/.test(head),
      documentation: /((?:[ \t]*\/\/\/[^\n]*\n)+)[ \t]*$/.exec(source.slice(0, index))?.[1] ?? "",
    }),
  );

export const importsOf = (source) =>
  [...source.matchAll(/^import\s+(?:\{([^}]*)\}\s+from\s+)?"([^"]+)";/gm)].map(({ 1: names, 2: path, index }) => ({
    names: names?.split(",").map((name) => name.trim()) ?? null,
    path,
    index,
  }));
