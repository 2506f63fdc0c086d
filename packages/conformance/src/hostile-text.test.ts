import { expect, test } from "vitest";
import { hostileTexts } from "./hostile-text.ts";

test("there are forty hostile texts at least, each another, each of one line", () => {
  expect(hostileTexts.length).toBeGreaterThanOrEqual(40);
  expect(new Set(hostileTexts.map(({ text }) => text)).size).toBe(hostileTexts.length);
  expect(new Set(hostileTexts.map(({ tries }) => tries)).size).toBe(hostileTexts.length);
  for (const { text } of hostileTexts) expect(text).not.toContain("\n");
});
