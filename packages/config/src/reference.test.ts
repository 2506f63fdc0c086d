import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
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
