import fc from "fast-check";
import { expect, test } from "vitest";
import { piecesOf, wordsOf } from "./sgr.ts";

test.each([
  ["plain", [{ text: "plain", className: "" }]],
  [
    "\u001b[31mred\u001b[0m not",
    [
      { text: "red", className: "sgr-f1" },
      { text: " not", className: "" },
    ],
  ],
  ["\u001b[1;92mbright\u001b[22m", [{ text: "bright", className: "sgr-bold sgr-f10" }]],
  ["\u001b[38;5;196mred\u001b[39m", [{ text: "red", className: "sgr-f9" }]],
  ["\u001b[38;2;0;90;200mblue", [{ text: "blue", className: "sgr-f4" }]],
  ["\u001b[7mturned", [{ text: "turned", className: "sgr-inverse" }]],
  ["\u001b[2J\u001b[Hhome", [{ text: "home", className: "" }]],
  ["\u001b]8;;javascript:alert(1)\u0007link\u001b]8;;\u0007", [{ text: "link", className: "" }]],
  ["10 %\r50 %\r100 %\r", [{ text: "100 %", className: "" }]],
  ["\u009b31mred", [{ text: "red", className: "sgr-f1" }]],
])("%j", (line, pieces) => {
  expect(piecesOf(line)).toEqual(pieces);
});

test.each([
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  '"><svg/onload=alert(1)>',
  "{{constructor.constructor('alert(1)')()}}",
  "javascript:alert(1)",
  "</pre><style>*{display:none}</style>",
  "<a href='javascript:alert(1)'>x</a>",
  "&lt;b&gt;",
])("what looks like a page is only text: %s", (line) => {
  expect(piecesOf(line)).toEqual([{ text: line, className: "" }]);
});

test("what turns text around or cannot be seen is shown by its number", () => {
  expect(wordsOf("a\u202eb\u0000c\u200bd")).toBe("a⟨202E⟩b⟨00⟩c⟨200B⟩d");
});

test("whatever comes, nothing is lost that could be read, and classes are of the known ones", () => {
  const line = fc.string({
    unit: fc.constantFrom(
      "\u001b",
      "[",
      "]",
      "m",
      ";",
      "3",
      "8",
      "5",
      "1",
      "0",
      "a",
      "é",
      "\u0007",
      "\u009b",
      "\\",
      " ",
      "<",
    ),
    maxLength: 40,
  });
  fc.assert(
    fc.property(line, (found) => {
      const pieces = piecesOf(found);
      for (const { text, className } of pieces) {
        expect(text).not.toBe("");
        expect(text).not.toContain("\u001b");
        expect(className).toMatch(/^(?:sgr-(?:bold|dim|italic|underline|strike|inverse|[fb](?:\d|1[0-5]))(?: |$))*$/);
      }
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "<", "&", "'", "é", " "), maxLength: 30 }), (words) => {
      expect(wordsOf(`\u001b[3${words.length % 8}m${words}\u001b[0m`)).toBe(words);
    }),
  );
});
