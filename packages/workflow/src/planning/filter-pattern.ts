/** One piece of a pattern: which characters it takes, and how many of them. */
interface Piece {
  readonly takes: (character: string) => boolean;
  readonly atLeast: 0 | 1;
  readonly repeats: boolean;
}

/** A fork before two pieces that may be left out together: `**` and its slash also stand for no folder at all. */
interface Fork {
  readonly over: number;
}

type Part = Piece | Fork;

const anything = (): boolean => true;
const inSegment = (character: string): boolean => character !== "/";

/**
 * Whether a branch, tag or path fits one pattern of a filter, by GitHub's rules: `*` stays within a segment, `**` does
 * not, `?` makes the character before it optional, `+` repeats it, `[]` is a set, `\` takes the next as it is
 * (https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet).
 *
 * Walks all possibilities at once, so that no pattern of a stranger takes longer than its length times the text's; a
 * regular expression could be made to take for ever.
 */
export function fitsPattern(pattern: string, text: string): boolean {
  const parts = partsOf(pattern);
  let open = reachable(parts, [0]);
  for (const character of text) {
    const next: number[] = [];
    for (const index of open) {
      const part = parts[index];
      if (part === undefined || "over" in part || !part.takes(character)) continue;
      next.push(index + 1);
      if (part.repeats) next.push(index);
    }
    open = reachable(parts, next);
  }
  return open.has(parts.length);
}

/** Where one can stand without taking another character. */
function reachable(parts: readonly Part[], from: readonly number[]): ReadonlySet<number> {
  const reached = new Set<number>();
  const open = [...from];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (reached.has(index)) continue;
    reached.add(index);
    const part = parts[index];
    if (part === undefined) continue;
    if ("over" in part) open.push(index + 1, index + 1 + part.over);
    else if (part.atLeast === 0) open.push(index + 1);
  }
  return reached;
}

function partsOf(pattern: string): readonly Part[] {
  const parts: Part[] = [];
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index] ?? "";
    const last = parts.at(-1);
    if (pattern.startsWith("**/", index) && (index === 0 || pattern[index - 1] === "/")) {
      parts.push(
        { over: 2 },
        { takes: anything, atLeast: 0, repeats: true },
        single((other) => other === "/"),
      );
      index += 2;
    } else if (pattern.startsWith("**", index)) {
      parts.push({ takes: anything, atLeast: 0, repeats: true });
      index += 1;
    } else if (character === "*") {
      parts.push({ takes: inSegment, atLeast: 0, repeats: true });
    } else if ((character === "?" || character === "+") && isSingle(last)) {
      parts[parts.length - 1] = { ...last, ...(character === "?" ? { atLeast: 0 } : { repeats: true }) };
    } else if (character === "[" && pattern.indexOf("]", index + 2) !== -1) {
      const end = pattern.indexOf("]", index + 2);
      parts.push(single(setOf(pattern.slice(index + 1, end))));
      index = end;
    } else {
      const literal = character === "\\" ? (pattern[++index] ?? "\\") : character;
      parts.push(single((other) => other === literal));
    }
  }
  return parts;
}

const single = (takes: Piece["takes"]): Piece => ({ takes, atLeast: 1, repeats: false });

function isSingle(part: Part | undefined): part is Piece {
  return part !== undefined && "takes" in part && part.atLeast === 1 && !part.repeats;
}

function setOf(inside: string): (character: string) => boolean {
  const ranges = [...inside.matchAll(/(.)-(.)|(.)/gsu)].map(([, from, to, one]) => [
    from ?? one ?? "",
    to ?? one ?? "",
  ]);
  return (character) => ranges.some(([from = "", to = ""]) => from <= character && character <= to);
}
