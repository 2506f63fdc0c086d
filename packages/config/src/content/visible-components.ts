import { parseSync } from "oxc-parser";
import type { VisibleBlock, VisibleElement, VisibleGathering } from "./visible-text.ts";
import { gatherVisible } from "./visible-text.ts";

// ESTree with JSX: https://github.com/estree/estree and https://github.com/facebook/jsx/blob/main/AST.md
interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

/**
 * What people see of components: text between tags, and what stands there as a string. Null for what is not of its language.
 */
export function visibleInComponents(file: string, text: string): readonly VisibleBlock[] | null {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) return null;
  const gathered = gatherVisible();
  const starts = [...text.matchAll(/\n/gu)].map(({ index }) => index);
  const reader = new Reader(gathered, (at) => lineAt(starts, at), constantsOf(program as unknown as Node));
  reader.walk(program as unknown as Node);
  gathered.end();
  return gathered.blocks;
}

function lineAt(starts: readonly number[], at: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low + 1;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";

const childrenOf = (node: Node): readonly Node[] =>
  Object.values(node).flatMap((value) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []));

/** Texts that a name stands for in the whole file: `const notice = "…"`. */
function constantsOf(program: Node): ReadonlyMap<string, Node> {
  const found = new Map<string, Node>();
  const look = (node: Node): void => {
    if (node.type === "VariableDeclaration" && node["kind"] === "const")
      for (const { id, init } of node["declarations"] as readonly { readonly id: Node; readonly init: Node | null }[])
        if (id.type === "Identifier" && init !== null && textOf(init) !== null) found.set(String(id["name"]), init);
    for (const child of childrenOf(node)) look(child);
  };
  look(program);
  return found;
}

/** What an expression comes to as far as it is written there; null for what is no text. */
function textOf(node: Node): string | null {
  if (node.type === "Literal" && typeof node["value"] === "string") return node["value"];
  if (node.type === "TemplateLiteral")
    return (node["quasis"] as readonly { readonly value: { readonly cooked: string | null } }[])
      .map(({ value }) => value.cooked ?? "")
      .join(" ");
  if (node.type === "BinaryExpression" && node["operator"] === "+") {
    const [left, right] = [textOf(node["left"] as Node), textOf(node["right"] as Node)];
    return left === null && right === null ? null : `${left ?? ""}${right ?? ""}`;
  }
  if (node.type === "TSAsExpression" || node.type === "TSSatisfiesExpression")
    return textOf(node["expression"] as Node);
  return null;
}

class Reader {
  readonly #to: VisibleGathering;
  readonly #line: (at: number) => number;
  readonly #constants: ReadonlyMap<string, Node>;

  constructor(to: VisibleGathering, line: (at: number) => number, constants: ReadonlyMap<string, Node>) {
    this.#to = to;
    this.#line = line;
    this.#constants = constants;
  }

  walk(node: Node): void {
    switch (node.type) {
      case "JSXElement":
        return this.#element(node);
      case "JSXText":
        return this.#to.text(String(node["value"]), this.#line(node.start));
      case "JSXExpressionContainer":
        return this.#shown(node["expression"] as Node);
      default:
        for (const child of childrenOf(node)) this.walk(child);
    }
  }

  #element(node: Node): void {
    const { name, attributes } = this.#opening(node["openingElement"] as Node);
    const inside = (): void => {
      for (const child of node["children"] as readonly Node[]) this.walk(child);
    };
    // A component of one's own is a piece of its own: nobody knows how it looks.
    this.#to.element({ name, attributes }, this.#line(node.start), inside);
  }

  #opening(opening: Node): VisibleElement {
    const name = opening["name"] as Node;
    const attributes: Record<string, string | null> = {};
    for (const attribute of opening["attributes"] as readonly Node[]) {
      if (attribute.type !== "JSXAttribute") continue;
      const key = String((attribute["name"] as Node)["name"]);
      const value = attribute["value"] as Node | null;
      attributes[key] = value === null ? "" : this.#valueOf(key, value);
    }
    return { name: name.type === "JSXIdentifier" ? String(name["name"]) : "", attributes };
  }

  #valueOf(key: string, value: Node): string | null {
    const inner = value.type === "JSXExpressionContainer" ? (value["expression"] as Node) : value;
    if (inner.type === "Literal" && typeof inner["value"] === "boolean") return String(inner["value"]);
    if (key === "style" && inner.type === "ObjectExpression") return styleOf(inner);
    const named = inner.type === "Identifier" ? (this.#constants.get(String(inner["name"])) ?? inner) : inner;
    return textOf(named);
  }

  /** What stands in braces between tags. */
  #shown(node: Node): void {
    if (isNever(node)) return;
    const named = node.type === "Identifier" ? (this.#constants.get(String(node["name"])) ?? node) : node;
    const text = textOf(named);
    if (text !== null) return this.#to.text(text, this.#line(node.start));
    switch (node.type) {
      case "ConditionalExpression":
        this.#shown(node["consequent"] as Node);
        return this.#shown(node["alternate"] as Node);
      case "LogicalExpression":
        if (node["operator"] !== "&&") this.#shown(node["left"] as Node);
        return this.#shown(node["right"] as Node);
      case "ParenthesizedExpression":
        return this.#shown(node["expression"] as Node);
      default:
        return this.walk(node);
    }
  }
}

/** `false && …` is never seen. */
const isNever = (node: Node): boolean => {
  const left = node.type === "LogicalExpression" && node["operator"] === "&&" ? (node["left"] as Node) : null;
  return (
    left !== null &&
    left.type === "Literal" &&
    (left["value"] === false || left["value"] === null || left["value"] === 0)
  );
};

/** `{ display: "none" }` as CSS has it. */
const styleOf = (node: Node): string =>
  (node["properties"] as readonly Node[])
    .flatMap((property) => {
      const [key, value] = [property["key"] as Node | undefined, property["value"] as Node | undefined];
      if (key === undefined || value === undefined || value.type !== "Literal") return [];
      const name = String(key["name"] ?? key["value"]).replace(/[A-Z]/gu, (sign) => `-${sign.toLowerCase()}`);
      return [`${name}:${String(value["value"])}`];
    })
    .join(";");
