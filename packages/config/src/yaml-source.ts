import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from "yaml";
import type { Path } from "./path.ts";
import type { Place, Places } from "./places.ts";
import type { Source } from "./source.ts";

/** More aliases than any configuration needs; a handful of lines could stand for gigabytes. */
const mostAliases = 100;

/** Reads YAML, and JSON as the YAML it is. */
export function readYaml(text: string): Source {
  const lines = new LineCounter();
  const counted = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { lineCounter: lines, merge: true, uniqueKeys: true, prettyErrors: false });
  } catch (thrown) {
    // The parser calls itself for every level: thousands of brackets overflow the stack.
    if (thrown instanceof RangeError) return tooMuch("the file is nested too deeply to be read");
    throw thrown;
  }
  const complaints = [...document.errors, ...document.warnings];
  if (complaints.length > 0)
    return {
      readable: false,
      problems: complaints.map(({ code, message, pos }) => ({
        ...counted(pos[0]),
        code: code === "DUPLICATE_KEY" ? "duplicate" : "syntax",
        message: code === "DUPLICATE_KEY" ? "this key is there already" : `not valid YAML: ${firstLine(message)}`,
        ...(code === "DUPLICATE_KEY" ? { fix: "keep one of the two" } : {}),
      })),
    };
  const strange = strangeKey(document);
  if (strange !== null)
    return {
      readable: false,
      problems: [{ ...counted(strange), code: "syntax", message: "a key must be a plain text" }],
    };
  try {
    return {
      readable: true,
      data: document.toJS({ maxAliasCount: mostAliases }),
      findings: [],
      places: yamlPlaces(document, text, counted),
    };
  } catch (thrown) {
    if (thrown instanceof RangeError) return tooMuch("the file is nested too deeply to be read");
    if (thrown instanceof ReferenceError)
      return tooMuch("aliases (*name) stand for too much", "write the repeated parts out, or use fewer aliases");
    throw thrown;
  }
}

const tooMuch = (message: string, fix?: string): Source => ({
  readable: false,
  problems: [{ line: 1, column: 1, code: "too_large", message, ...(fix === undefined ? {} : { fix }) }],
});

const firstLine = (message: string): string => message.split("\n")[0] ?? message;

/** The offset of a key that is no scalar, such as a list; YAML allows them, and data has no place for them. */
function strangeKey(document: Document.Parsed): number | null {
  const waiting: unknown[] = [document.contents];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (isPair(node)) {
      if (!isScalar(node.key) && !isAlias(node.key)) return (node.key as Node | null)?.range?.[0] ?? 0;
      if (node.value !== null) waiting.push(node.value);
    } else if (isMap(node) || isSeq(node)) waiting.push(...node.items);
  }
  return null;
}

function yamlPlaces(document: Document.Parsed, text: string, counted: (offset: number) => Place): Places {
  const follow = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);

  function pairOf(container: unknown, key: string): Pair | undefined {
    if (!isMap(container)) return undefined;
    const own = container.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
    if (own !== undefined) return own;
    for (const pair of container.items) {
      if (!isScalar(pair.key) || pair.key.value !== "<<") continue;
      const merged = follow(pair.value);
      for (const source of isSeq(merged) ? merged.items : [merged]) {
        const found = pairOf(follow(source), key);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  function locate(path: Path): { readonly key: unknown; readonly value: unknown; readonly exact: boolean } {
    let found: { key: unknown; value: unknown; exact: boolean } = { key: null, value: document.contents, exact: true };
    for (const part of path) {
      const container = follow(found.value);
      if (typeof part === "number") {
        const item = isSeq(container) ? container.items[part] : undefined;
        if (item === undefined) return { ...found, exact: false };
        found = { key: null, value: item, exact: true };
      } else {
        const pair = pairOf(container, part);
        if (pair === undefined) return { ...found, exact: false };
        found = { key: pair.key, value: pair.value, exact: true };
      }
    }
    return found;
  }

  const startOf = (node: unknown): number | undefined => (node as Node | null)?.range?.[0];
  const isWritten = (node: unknown): boolean => isScalar(node) || isAlias(node) || isMap(node) || isSeq(node);

  return {
    find(path, part) {
      const { key, value, exact } = locate(path);
      const wanted = (part === "key" || !exact || !isWritten(value)) && key !== null ? key : value;
      return counted(startOf(wanted) ?? startOf(key) ?? 0);
    },
    textAt(path) {
      const { value, exact } = locate(path);
      const range = exact && isScalar(value) ? value.range : undefined;
      return range ? text.slice(range[0], range[1]) : undefined;
    },
  };
}
