import { definitionName, type SchemaNode } from "./json-schema.ts";

/** The TypeScript types that `defineProject` takes, written from the schema so that editors show its prose. */
export function configurationTypes(schema: SchemaNode): string {
  const definitions = Object.entries(schema.$defs ?? {}).map(([name, node]) => definitionOf(name, node));
  return [
    "// Written from schema.ts by tools/generate-reference.mjs; a test fails when it differs.\n",
    ...definitions,
  ].join("\n");
}

function definitionOf(name: string, node: SchemaNode): string {
  const comment = commentOf(node, "");
  return node.properties === undefined
    ? `${comment}export type ${name} = ${typeOf(node, "")};\n`
    : `${comment}export interface ${name} ${typeOf(node, "")}\n`;
}

function typeOf(node: SchemaNode, indent: string): string {
  const name = definitionName(node);
  if (name !== undefined) return name;
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.enum !== undefined) return node.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (node.anyOf !== undefined) return unionOf([...new Set(node.anyOf.map((one) => typeOf(one, indent)))]);
  if (node.items !== undefined) {
    const item = typeOf(node.items, indent);
    const several = node.items.anyOf !== undefined || node.items.enum !== undefined;
    return `readonly ${several && definitionName(node.items) === undefined ? `(${item})` : item}[]`;
  }
  if (node.properties !== undefined) return objectOf(node, indent);
  if (node.additionalProperties) return `Readonly<Record<string, ${typeOf(node.additionalProperties, indent)}>>`;
  return [node.type ?? "unknown"]
    .flat()
    .map((type) => (type === "integer" ? "number" : type))
    .join(" | ");
}

/** A text of its own beside any text says nothing to TypeScript. */
const unionOf = (types: readonly string[]): string =>
  types
    .filter((type) => !(types.flatMap((one) => one.split(" | ")).includes("string") && /^"[^"]*"$/u.test(type)))
    .join(" | ");

function objectOf(node: SchemaNode, indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(node.properties ?? {}).map(([key, value]) => {
    const type = typeOf(value, inner);
    const needed = node.required?.includes(key) ?? false;
    const property = /^[A-Za-z_$][\w$]*$/u.test(key) ? key : JSON.stringify(key);
    return `${commentOf(value, inner)}${inner}readonly ${property}${needed ? `: ${type}` : `?: ${type} | undefined`};\n`;
  });
  return `{\n${lines.join("")}${indent}}`;
}

function commentOf({ description, default: standard, examples }: SchemaNode, indent: string): string {
  if (description === undefined) return "";
  const lines = [
    ...wrap(description, 114 - indent.length),
    ...(standard === undefined ? [] : [`@default ${JSON.stringify(standard)}`]),
    ...(examples ?? []).map((example) => `@example ${JSON.stringify(example)}`),
  ];
  const [only = "", ...more] = lines;
  if (more.length === 0) return `${indent}/** ${only} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join("")}${indent} */\n`;
}

/** Breaks prose into lines of at most so many characters. */
function wrap(prose: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of prose.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
