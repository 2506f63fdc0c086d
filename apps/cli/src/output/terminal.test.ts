import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { actedOn, hostile, wide } from "../testing/shapes.ts";
import { fit, harmless, wrap } from "./terminal.ts";

const red = (text: string): string => `\u001B[31m${text}\u001B[39m`;

describe("text from outside", () => {
  test("loses titles, links, colours, bells and what reorders it, and keeps its words", () => {
    expect(harmless(hostile)).toBe("fix link red <U+202E>gnp.exe31m<U+2066>x<U+2028>end");
  });

  test("an escape sequence that never ends takes nothing with it", () => {
    expect(harmless("a\u001B]0;never ends")).toBe("a0;never ends");
    expect(harmless("a\u001B[31")).toBe("a31");
    expect(harmless("a\u001BPpayload\u001B\\b")).toBe("apayloadb");
  });

  test("whatever it is, nothing in it moves the cursor or reorders", () => {
    const latin = fc.integer({ min: 0, max: 0xa0 }).map((code) => String.fromCharCode(code));
    const nasty = fc.string({ unit: fc.oneof(latin, fc.constantFrom("\u001B", "\u200E", "\u202E", "\u2066")) });
    fc.assert(fc.property(nasty, (text) => !actedOn.test(harmless(text))));
  });

  test("people's writing stays as it is", () => {
    for (const text of [wide, "naïve façade", "  two\n\tlines", "👍🏽 ok"]) expect(harmless(text)).toBe(text);
  });
});

describe("fit", () => {
  test("cuts at whole characters and says that there was more", () => {
    expect(fit("short", 5)).toBe("short");
    expect(fit("longer", 5)).toBe("long…");
    expect(fit("配置を読み込み", 6)).toBe("配置…");
    expect(fit("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 3)).toBe("👩‍👩‍👧‍👦…");
  });

  test("closes the colours of what it cuts", () => {
    expect(fit(red("longer"), 5)).toBe(red("long…"));
    expect(fit(`${red("ab")} ${red("cd")}`, 3)).toBe(`${red("ab")}…${red("")}`);
  });

  test("is one line, never wider than asked", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 0, max: 40 }), (text, width) => {
        const fitted = fit(red(harmless(text)), width);
        return stringWidth(fitted) <= width && !fitted.includes("\n");
      }),
    );
  });
});

describe("wrap", () => {
  test("breaks between words, keeps what is indented, breaks what is too long", () => {
    expect(wrap("the quick brown fox", 10)).toEqual(["the quick", "brown fox"]);
    expect(wrap("at:\n  line 1", 20, "  ")).toEqual(["  at:", "    line 1"]);
    expect(wrap("a 123456789", 4)).toEqual(["a", "1234", "5678", "9"]);
  });

  test("leaves nothing out, and no line is wider than asked", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 8, max: 40 }), (text, width) => {
        const clean = harmless(text);
        const lines = wrap(clean, width, "  ");
        const letters = (all: string): string => stripVTControlCharacters(all).replaceAll(/\s/gu, "");
        return letters(lines.join("")) === letters(clean) && lines.every((line) => stringWidth(line) <= width);
      }),
    );
  });
});
