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
most. Where \`{ secret }\` may stand, \`{ secret: API_KEY }\` names a secret; its value is looked up when it is needed and is
never written down.
`;

/** The page that describes every key. */
export function configurationReference(schema: SchemaNode): string {
  const page: Page = { schema, described: new Map() };
  return [introduction, ...sectionsOf(page, [resolved(schema, schema)], [])].join("\n");
}

/** The page as far as it is written. */
interface Page {
  readonly schema: SchemaNode;
  /** Where the keys of a definition are described: once. */
  readonly described: Map<string, string>;
}

/** The sections of the keys of an object, which may have several forms. */
function sectionsOf(page: Page, forms: readonly SchemaNode[], path: readonly string[]): readonly string[] {
  const keys = new Map<string, SchemaNode>();
  for (const [key, reference] of forms.flatMap((form) => Object.entries(form.properties ?? {})))
    if (!keys.has(key)) keys.set(key, reference);
  return [...keys].flatMap(([key, reference]) => {
    const here = [...path, key];
    const property = resolved(page.schema, reference);
    const needed = forms.every((form) => form.required?.includes(key) ?? false);
    const { elsewhere, sections } = below(page, reference, here);
    return [sectionOf(page.schema, here, property, needed, definitionName(reference), elsewhere), ...sections];
  });
}

/** What is inside a value: the sections of its keys, or where the same ones are described already. */
interface Inside {
  readonly elsewhere?: string | undefined;
  readonly sections: readonly string[];
}

/** What is inside a value: in an object, in the objects of a list, and in those that it holds by name. */
function below(page: Page, reference: SchemaNode, path: readonly string[]): Inside {
  const definition = definitionName(reference);
  if (definition === "Value") return { sections: [] };
  const elsewhere = definition === undefined ? undefined : page.described.get(definition);
  if (elsewhere !== undefined) return { elsewhere, sections: [] };
  const value = resolved(page.schema, reference);
  const forms = (value.anyOf ?? [value]).map((form) => resolved(page.schema, form));
  const inside: readonly Inside[] = [
    {
      sections: sectionsOf(
        page,
        forms.filter((form) => form.properties !== undefined),
        path,
      ),
    },
    ...forms.flatMap(({ items }) =>
      items === undefined ? [] : [below(page, items, [...path.slice(0, -1), `${path.at(-1) ?? ""}[]`])],
    ),
    ...forms.flatMap(({ additionalProperties: held }) => (held ? [below(page, held, [...path, "<name>"])] : [])),
  ];
  const sections = inside.flatMap((one) => one.sections);
  if (definition !== undefined && sections.length > 0) page.described.set(definition, path.join("."));
  return { elsewhere: inside.find((one) => one.elsewhere !== undefined)?.elsewhere, sections };
}

/** The anchor that a heading gets. */
const anchorOf = (heading: string): string => heading.toLowerCase().replaceAll(/[^\p{L}\p{N}_-]/gu, "");

function sectionOf(
  schema: SchemaNode,
  path: readonly string[],
  property: SchemaNode,
  needed: boolean,
  definition: string | undefined,
  elsewhere: string | undefined,
): string {
  const standard = property.default === undefined ? "" : ` Default: \`${JSON.stringify(property.default)}\`.`;
  const lines = [
    `## \`${path.join(".")}\`\n`,
    `${property.description ?? ""}\n`,
    `*${kindOf(schema, property, definition)}${needed ? ", required" : ""}.*${standard}\n`,
  ];
  if (elsewhere !== undefined) lines.push(`The keys are those of [\`${elsewhere}\`](#${anchorOf(elsewhere)}).\n`);
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
