import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configurationJsonSchema, definitionName, resolved, type SchemaNode } from "./json-schema.ts";
import { generatedFiles } from "./reference.ts";

const root = join(import.meta.dirname, "../../..");

/** The formatter breaks lines where it likes; what counts is the rest. */
const withoutLayout = (text: string): string => text.replaceAll(/[\s|]+/gu, "").replaceAll(",}", "}");

test.each(Object.entries(generatedFiles()))(
  "%s is as the schema says (else run tools/generate-reference.mjs)",
  (path, text) => {
    expect(withoutLayout(readFileSync(join(root, path), "utf8"))).toBe(withoutLayout(text));
  },
);

const page = readFileSync(join(root, "docs/reference/configuration.md"), "utf8");
const sections = new Map(
  page
    .split("\n## `")
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf("`")), section]),
);

/** Every key that a configuration may have, by what leads to it; a `{ secret }` is explained at the top of the page. */
function keysOf(schema: SchemaNode, reference: SchemaNode, path: string): readonly string[] {
  if (definitionName(reference) === "Value") return [];
  const node = resolved(schema, reference);
  return [
    ...Object.entries(node.properties ?? {}).flatMap(([key, value]) => {
      const here = path === "" ? key : `${path}.${key}`;
      return [here, ...keysOf(schema, value, here)];
    }),
    ...(node.anyOf ?? []).flatMap((form) => keysOf(schema, form, path)),
    ...(node.items === undefined ? [] : keysOf(schema, node.items, `${path}[]`)),
    ...(node.additionalProperties ? keysOf(schema, node.additionalProperties, `${path}.<name>`) : []),
  ];
}

/** The page's section of what holds a key, or of what holds that. */
const holderOf = (key: string): string | undefined => {
  const holders = [...sections.keys()].filter((path) => key.startsWith(`${path}.`) || key.startsWith(`${path}[]`));
  return holders.toSorted((one, other) => other.length - one.length)[0];
};

test("the page describes every key, or leads to where the same ones are described", () => {
  const schema = configurationJsonSchema();
  const keys = [...new Set(keysOf(schema, schema, ""))];
  expect(keys).toEqual(expect.arrayContaining(["name", "environments.<name>.verify.<name>.load.slower"]));
  const untold = keys.filter(
    (key) => !sections.has(key) && !/\nThe keys are those of /u.test(sections.get(holderOf(key) ?? "") ?? ""),
  );
  expect(untold).toEqual([]);
});
