import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { problem } from "@fairway/api";
import { errorCodes } from "@fairway/core";
import { describe, expect, test } from "vitest";
import { generatedFiles } from "./generated-files.ts";

const root = join(import.meta.dirname, "../..");
const committed = (path: string): string => readFileSync(join(root, path), "utf8");

/** The formatter breaks lines where it likes; what counts is the rest. */
const withoutLayout = (text: string): string => text.replaceAll(/[\s|]+/gu, "").replaceAll(",}", "}");

test.each(Object.entries(generatedFiles()))(
  "%s is as the code says (else run tools/generate-reference.mjs)",
  (path, text) => {
    expect(withoutLayout(committed(path))).toBe(withoutLayout(text));
  },
);

describe("the errors", () => {
  const inCode = Object.keys(errorCodes).sort();

  test("of the code are those of the documentation, both ways", () => {
    const documented = [...committed("docs/reference/errors.md").matchAll(/^\| `([a-z_]+)` \|/gm)].map(
      ([, code = ""]) => code,
    );
    expect(documented).toEqual(inCode);
  });

  test("of the code are those of the API, both ways, as committed too", () => {
    const { components } = JSON.parse(committed("docs/reference/openapi.json")) as {
      components: { schemas: { Problem: { properties: { code: { enum: string[] } } } } };
    };
    expect([...problem.shape.code.options].sort()).toEqual(inCode);
    expect(components.schemas.Problem.properties.code.enum.sort()).toEqual(inCode);
  });

  test("of the code are each given by some source, so that none is promised to nobody", () => {
    const sources = ["packages", "plugins", "apps"].flatMap(sourcesIn).map((path) => readFileSync(path, "utf8"));
    expect(inCode.filter((code) => !sources.some((text) => text.includes(`"${code}"`)))).toEqual([]);
  });
});

const sourcesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder)).flatMap((workspace) => {
    const source = join(root, folder, workspace, "src");
    return readdirSync(source, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .map((file) => join(source, file));
  });

/** The variables that programs of these folders read of their own environment. */
const readIn = (...folders: readonly string[]): readonly string[] =>
  folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
    )
    .filter((file) => /\/src\/.*\.ts$/u.test(file) && !/\.test\.ts$|\/dist\/|node_modules/u.test(file))
    .flatMap((file) =>
      [...committed(file).matchAll(/process\.env(?:\.|\[")(FAIRWAY_[A-Z_]+)/gu)].map(([, name = ""]) => name),
    );

test("every variable that a program of Fairway reads of its own environment is in the reference", () => {
  const read = [...new Set(readIn("apps/cli/src", "apps/server/src"))];
  expect(read).toContain("FAIRWAY_LOG");
  const table = committed("docs/reference/cli.md")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .join("\n");
  expect(read.filter((name) => !table.includes(`\`${name}\``))).toEqual([]);
});
