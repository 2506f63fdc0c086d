import fc from "fast-check";
import stringWidth from "string-width";
import { expect, test } from "vitest";
import { textWidth } from "./text-width.ts";

const marks = fc.constantFrom(
  ...Array.from("a Z~·–—…→─│├└○●◐✔✖■"),
  "\u001B[2m",
  "\u001B[0m",
  "界",
  "é",
  "e\u0301",
  "👩‍👩‍👧",
  "✔\uFE0F",
);

test("a text is as wide as the library says, whether it was asked or not", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(marks, fc.string({ unit: "grapheme" }))), (parts) => {
      expect(textWidth(parts.join(""))).toBe(stringWidth(parts.join("")));
    }),
  );
});
