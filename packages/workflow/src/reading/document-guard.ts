import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  Scalar,
  YAMLMap,
} from "yaml";

/** Something in the document that GitHub's parser would hang on, stumble over or drop in silence. */
export interface DocumentFault {
  readonly offset: number;
  readonly message: string;
  readonly hint?: string;
}

/** After aliases are written out. GitHub's largest fixture has 2,000. */
const mostNodes = 50_000;
const deepest = 64;
/** GitHub's bound on one expression, and so on a text that has one in it. */
const longestExpression = 21_000;

/**
 * Finds what must not reach GitHub's parser and mends what it cannot read: keys that are numbers, entries without a
 * value. Aliases are followed by counting, not by walking, so that a bomb costs no more than its text.
 */
export function guardDocument(document: Document): readonly DocumentFault[] {
  const guard = new Guard(document);
  if (document.directives?.yaml.version === "1.1") {
    guard.fault(0, "this file asks for YAML 1.1, in which `on` and `yes` are truth values", "Remove the %YAML line.");
  }
  mendDispatchInputs(document);
  const size = guard.sizeOf(document.contents, 0);
  if (size > mostNodes) {
    guard.fault(0, `with its aliases written out, the file has more than ${mostNodes} values`);
  }
  return guard.faults;
}

/** GitHub takes `inputs:` and an input without anything below them; its parser for TypeScript does not. */
function mendDispatchInputs(document: Document): void {
  const path = ["on", "workflow_dispatch", "inputs"];
  const inputs = isMap(document.contents) ? document.getIn(path, true) : undefined;
  const emptied = (node: unknown): YAMLMap | undefined => {
    if (!isScalar(node) || node.value !== null) return undefined;
    const empty = new YAMLMap();
    if (node.range) empty.range = node.range;
    return empty;
  };
  const all = emptied(inputs);
  if (all !== undefined) document.setIn(path, all);
  if (isMap(inputs)) for (const pair of inputs.items) pair.value = emptied(pair.value) ?? pair.value;
}

class Guard {
  readonly faults: DocumentFault[] = [];
  readonly #document: Document;
  readonly #sizes = new Map<unknown, number>();
  readonly #open = new Set<unknown>();

  constructor(document: Document) {
    this.#document = document;
  }

  fault(offset: number, message: string, hint?: string): void {
    this.faults.push(hint === undefined ? { offset, message } : { offset, message, hint });
  }

  /** How many values a node is once its aliases are written out. */
  sizeOf(node: unknown, depth: number): number {
    const known = this.#sizes.get(node);
    if (known !== undefined) return known;
    if (depth > deepest) {
      this.fault(offsetOf(node), "the file is nested too deeply to be read");
      return 1;
    }
    if (isAlias(node)) return this.#sizeOfAlias(node, depth);
    if (isScalar(node)) {
      this.#lookAtScalar(node);
      return 1;
    }
    if (!isCollection(node)) return 1;
    this.#lookAtTag(node);
    this.#open.add(node);
    let size = 1;
    if (isSeq(node)) for (const item of node.items) size += this.sizeOf(item, depth + 1);
    if (isMap(node)) {
      for (const pair of node.items) {
        this.#mendKey(pair);
        pair.value ??= emptyAt(pair.key);
        size += 1 + this.sizeOf(pair.value, depth + 1);
      }
    }
    this.#open.delete(node);
    this.#sizes.set(node, size);
    return size;
  }

  #sizeOfAlias(alias: Alias, depth: number): number {
    const target = alias.resolve(this.#document);
    if (target === undefined) {
      this.fault(offsetOf(alias), `there is no anchor &${alias.source} before this`);
      return 1;
    }
    if (this.#open.has(target)) {
      this.fault(offsetOf(alias), `the alias *${alias.source} stands inside of what it stands for`);
      return 1;
    }
    return this.sizeOf(target, depth + 1);
  }

  #mendKey(pair: { key: unknown }): void {
    if (isAlias(pair.key)) pair.key = pair.key.resolve(this.#document) ?? pair.key;
    const { key } = pair;
    if (!isScalar(key)) {
      this.fault(offsetOf(key), "a key must be a text", "Write the key as one word, not as a list or a mapping.");
      return;
    }
    if (key.value === "<<") {
      this.fault(offsetOf(key), "merge keys (<<) are not part of a workflow file", "Write the entries out.");
    }
    this.#lookAtTag(key);
    if (typeof key.value !== "string") key.value = key.source ?? "";
  }

  #lookAtScalar(scalar: Scalar): void {
    const { tag } = scalar;
    this.#lookAtTag(scalar);
    mendNumber(scalar);
    const { value } = scalar;
    if (tag !== undefined && !fitsTag(scalar, tag)) {
      this.fault(offsetOf(scalar), `The value '${scalar.source ?? ""}' is invalid for the type '${tag}'`);
    }
    if (value !== null && !["string", "number", "boolean", "undefined"].includes(typeof value)) {
      this.fault(offsetOf(scalar), "this value is neither text, number, truth value nor null");
    }
    if (typeof value === "string" && value.includes("${{") && value.length > longestExpression) {
      this.fault(offsetOf(scalar), `a text with expressions may have at most ${longestExpression} characters`);
    }
  }

  #lookAtTag(node: Node): void {
    const { tag } = node as { readonly tag?: string };
    if (tag === undefined || tag === "!" || standardTags.has(tag)) return;
    this.fault(offsetOf(node), `the tag ${tag} is not part of a workflow file`, "Remove it.");
  }
}

const standardTags = new Set(
  ["str", "int", "float", "bool", "null", "map", "seq"].map((tag) => `tag:yaml.org,2002:${tag}`),
);

/** Whether a scalar is what its explicit tag says; the YAML parser would let it pass as a text. */
function fitsTag({ value, type }: Scalar, tag: string): boolean {
  const quoted = type === "QUOTE_DOUBLE" || type === "QUOTE_SINGLE";
  switch (tag.slice("tag:yaml.org,2002:".length)) {
    case "bool":
      return typeof value === "boolean" && !quoted;
    case "int":
    case "float":
      return typeof value === "number" && !quoted;
    case "null":
      return value === null && !quoted;
    default:
      return true;
  }
}

/** The YAML parser leaves `!!float 1` a text, because it has no point. */
function mendNumber(scalar: Scalar): void {
  const { value, tag, type } = scalar;
  if (typeof value !== "string" || type !== "PLAIN" || value.trim() === "" || Number.isNaN(Number(value))) return;
  if (tag === "tag:yaml.org,2002:float" || tag === "tag:yaml.org,2002:int") scalar.value = Number(value);
}

function emptyAt(key: unknown): Scalar {
  const empty = new Scalar(null);
  const range = (key as Node | null)?.range;
  if (range) empty.range = range;
  return empty;
}

function offsetOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}
