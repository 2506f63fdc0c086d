import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import type { Path } from "./path.ts";
import { type Place, placeFinder, type Places } from "./places.ts";
import type { ProblemCode } from "./problems.ts";
import type { Source, TextProblem } from "./source.ts";
import { configurationExcess } from "./yaml-guard.ts";

/** More aliases than any configuration needs; a handful of lines could stand for gigabytes. */
const mostAliases = 100;

/** After the first few, errors of a text are only echoes. */
const mostComplaints = 20;

/** Reads YAML, and JSON as the YAML it is. */
export function readYaml(text: string): Source {
  const placeOf = placeFinder(text);
  const excess = configurationExcess(text);
  if (excess !== undefined) return refused(placeOf(excess.offset), "too_large", excess.what);

  // The parser compares every key with every other: 60,000 keys took it minutes. `faultyKeys` looks each up once.
  const document = parseDocument(text, { merge: true, uniqueKeys: false, prettyErrors: false });
  const errors = document.errors.map((error) => told(error, placeOf));
  if (errors.length > 0) return { readable: false, problems: errors.slice(0, mostComplaints) };
  const tags = document.warnings.slice(0, mostComplaints).map((warning) => told(warning, placeOf));
  const faulty = faultyKeys(document);
  const problems = [...tags, ...faulty.map(({ offset, ...fault }) => ({ ...placeOf(offset), ...fault }))];
  if (faulty.some(({ code }) => code !== "duplicate")) return { readable: false, problems };
  try {
    const data: unknown = document.toJS({ maxAliasCount: mostAliases });
    const rest = { readable: true, data, findings: [], places: yamlPlaces(document, text, placeOf) } as const;
    return problems.length > 0 ? { readable: false, problems, rest } : rest;
  } catch (thrown) {
    if (!(thrown instanceof ReferenceError)) throw thrown;
    const fix = "write the repeated parts out, or use fewer aliases";
    return refused({ line: 1, column: 1 }, "too_large", "aliases (*name) stand for too much", fix);
  }
}

const refused = (place: Place, code: ProblemCode, message: string, fix?: string): Source => ({
  readable: false,
  problems: [{ ...place, code, message, ...(fix === undefined ? {} : { fix }) }],
});

function told({ code, message, pos }: YAMLError, placeOf: (offset: number) => Place): TextProblem {
  const words =
    code === "MULTIPLE_DOCS" ? "the file holds several documents, and a configuration is one" : message.split("\n")[0];
  return { ...placeOf(pos[0]), code: "syntax", message: `not valid YAML: ${words}` };
}

type KeyFault = Pick<TextProblem, "code" | "message" | "fix"> & { readonly offset: number };

/** Keys that are there twice, and keys that are no text, such as a list: YAML allows them, and data has no place for them. */
function faultyKeys(document: Document.Parsed): readonly KeyFault[] {
  const faults: KeyFault[] = [];
  const waiting: unknown[] = [document.contents];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (isSeq(node)) waiting.push(...node.items);
    if (!isMap(node)) continue;
    const keys = new Set<string>();
    for (const { key, value } of node.items) {
      if (value !== null) waiting.push(value);
      const offset = (key as Node | null)?.range?.[0] ?? 0;
      if (!isScalar(key)) faults.push({ offset, code: "syntax", message: "a key must be a plain text" });
      else if (keys.has(String(key.value)))
        faults.push({
          offset,
          code: "duplicate",
          message: `the key "${String(key.value)}" is there already`,
          fix: "keep one of the two",
        });
      else keys.add(String(key.value));
    }
  }
  return faults.slice(0, mostComplaints);
}

function yamlPlaces(document: Document.Parsed, text: string, placeOf: (offset: number) => Place): Places {
  const pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();
  const follow = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);

  function pairOf(container: unknown, key: string): Pair | undefined {
    if (!isMap(container)) return undefined;
    const known = pairs.get(container) ?? pairsByKey(container);
    pairs.set(container, known);
    const own = known.get(key);
    if (own !== undefined) return own;
    for (const pair of container.items) {
      if (!isScalar(pair.key) || pair.key.source !== "<<") continue;
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
      return placeOf(startOf(wanted) ?? startOf(key) ?? 0);
    },
    textAt(path) {
      const { value, exact } = locate(path);
      const range = exact && isScalar(value) ? value.range : undefined;
      return range ? text.slice(range[0], range[1]) : undefined;
    },
  };
}

const pairsByKey = (map: YAMLMap): ReadonlyMap<string, Pair> =>
  new Map(map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair] as const] : [])));
