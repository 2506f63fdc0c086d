import { configurationTypes } from "./config-type.ts";
import { configurationJsonSchema, definitionName, resolved, type SchemaNode } from "./json-schema.ts";

/** Everything that is written from the schema and committed, by its path in the repository. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const schema = configurationJsonSchema();
  return {
    "packages/config/src/project-config.ts": configurationTypes(schema),
    "docs/reference/fairway.schema.json": `${JSON.stringify(schema, null, 2)}\n`,
    "docs/reference/configuration.md": configurationReference(schema),
  };
}

const introduction = `# Configuration

<!-- Written from packages/config/src/schema.ts by tools/generate-reference.mjs; a test fails when it differs. -->

A repository has one configuration in its root: \`fairway.config.ts\` (also \`.mts\`, \`.js\`, \`.mjs\`) or \`fairway.yaml\`
(also \`.yml\`, \`.json\`). Both have the same keys. Unknown keys are problems. \`fairway config check\` shows all problems at
once, each with its place; \`fairway config explain KEY\` says where a value came from.

\`\`\`ts
import { defineProject } from "@fairway/config";

export default defineProject({
  name: "hello",
  services: { web: { run: "node server.mjs", checks: { test: "node --test" } } },
  environments: { staging: {}, production: { approvals: 1 } },
});
\`\`\`

\`\`\`yaml
name: hello
services:
  web: { run: node server.mjs, checks: { test: node --test } }
environments:
  staging: {}
  production: { approvals: 1 }
\`\`\`

The program in \`fairway.config.ts\` runs in a process of its own for at most 10 seconds. It can read the repository; it
sees no environment variables, and it cannot write files or start programs. What it exports must be plain data.

Spans of time are texts such as \`"250ms"\`, \`"30s"\`, \`"5m"\`, \`"1h"\`, or numbers of milliseconds. Paths are relative and stay
inside the repository. Names are made of small letters, digits and dashes, begin with a letter and have 40 characters at
most.
`;

/** The page that describes every key. */
export function configurationReference(schema: SchemaNode): string {
  const root = resolved(schema, schema);
  return [introduction, ...sectionsOf(schema, root, [])].join("\n");
}

function sectionsOf(schema: SchemaNode, node: SchemaNode, path: readonly string[]): readonly string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, reference]) => {
    const here = [...path, key];
    const property = resolved(schema, reference);
    const needed = node.required?.includes(key) ?? false;
    return [sectionOf(schema, here, property, needed, definitionName(reference)), ...below(schema, property, here)];
  });
}

/** The sections of what is inside a value: of an object, or of the objects it holds by name. */
function below(schema: SchemaNode, property: SchemaNode, path: readonly string[]): readonly string[] {
  const forms = (property.anyOf ?? [property]).map((form) => resolved(schema, form));
  return forms.flatMap((form) => {
    if (form.properties !== undefined) return sectionsOf(schema, form, path);
    if (form.items !== undefined && resolved(schema, form.items).properties !== undefined)
      return below(schema, resolved(schema, form.items), [...path.slice(0, -1), `${path.at(-1) ?? ""}[]`]);
    if (!form.additionalProperties) return [];
    const held = resolved(schema, form.additionalProperties);
    return definitionName(form.additionalProperties)?.endsWith("Config") === true
      ? below(schema, held, [...path, "<name>"])
      : [];
  });
}

function sectionOf(
  schema: SchemaNode,
  path: readonly string[],
  property: SchemaNode,
  needed: boolean,
  definition: string | undefined,
): string {
  const standard = property.default === undefined ? "" : ` Default: \`${JSON.stringify(property.default)}\`.`;
  const lines = [
    `## \`${path.join(".")}\`\n`,
    `${property.description ?? ""}\n`,
    `*${kindOf(schema, property, definition)}${needed ? ", required" : ""}.*${standard}\n`,
  ];
  const examples = property.examples ?? [];
  const key = path.at(-1) ?? "";
  if (examples.length > 0)
    lines.push(["```yaml", ...examples.map((example) => `${key}: ${flow(example)}`), "```\n"].join("\n"));
  return lines.join("\n");
}

const typeWords: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  boolean: "true or false",
};

function kindOf(schema: SchemaNode, node: SchemaNode, definition?: string): string {
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``;
  if (node.enum !== undefined) return node.enum.map((one) => `\`${JSON.stringify(one)}\``).join(" or ");
  if (definition === "Command") return "command";
  if (definition === "Value") return "text or `{ secret }`";
  if (node.anyOf !== undefined)
    return [...new Set(node.anyOf.map((one) => kindOf(schema, resolved(schema, one), definitionName(one))))].join(
      " or ",
    );
  if (node.items !== undefined)
    return `list of ${kindOf(schema, resolved(schema, node.items), definitionName(node.items))}`;
  if (node.properties !== undefined) return `object \`{ ${Object.keys(node.properties).join(", ")} }\``;
  if (node.additionalProperties) {
    const held = kindOf(schema, resolved(schema, node.additionalProperties), definitionName(node.additionalProperties));
    return held.startsWith("object") ? "objects by name" : `by name: ${held}`;
  }
  return [node.type ?? "anything"]
    .flat()
    .map((type) => typeWords[type] ?? type)
    .join(" or ");
}

/** An example as YAML on one line. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value === "object" && value !== null)
    return `{ ${Object.entries(value)
      .map(([key, held]) => `${key}: ${flow(held)}`)
      .join(", ")} }`;
  const text = String(value);
  return typeof value === "string" && !/^[A-Za-z/.][A-Za-z0-9 ./_-]*$/u.test(text) ? JSON.stringify(text) : text;
}
