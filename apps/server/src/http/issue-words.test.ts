import { expect, test } from "vitest";
import { z } from "zod";
import { issueWords } from "./issue-words.ts";

test.each([
  [z.number().max(100), 120, "must be at most 100"],
  [z.number().min(1), 0, "must be at least 1"],
  [z.string().min(1), "", "must have at least 1 character"],
  [z.string().max(3), "long", "must have at most 3 characters"],
  [z.array(z.string()).min(2), [], "must have at least 2 entries"],
  [z.number().int(), 1.5, "must be a whole number"],
  [z.enum(["on", "off", "auto"]), "of", 'must be "on", "off" or "auto"'],
  [z.string(), 7, "must be a string"],
  [z.boolean(), "yes", "must be a boolean, true or false"],
  [z.array(z.string()), "x", "must be a list"],
  [z.string(), undefined, "is missing"],
  [z.strictObject({ a: z.string().optional() }), { b: 1 }, '"b" means nothing here'],
  [z.string().regex(/^r\d+$/, { error: "must be a release such as r3" }), "x", "must be a release such as r3"],
])("what a schema has against a value is told in words: %#", (schema, value, words) => {
  expect(schema.safeParse(value).error?.issues.map(issueWords)).toEqual([words]);
});
