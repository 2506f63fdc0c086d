import fc from "fast-check";
import { expect, test } from "vitest";
import { escapedHtml } from "./escaped-html.ts";

test("nothing in a text opens a tag, ends an attribute or begins an entity of its own, and all of it is read", () => {
  expect(escapedHtml(`<b title='"\`'>&amp;`)).toBe("&#60;b title=&#39;&#34;&#96;&#39;&#62;&#38;amp;");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const shown = escapedHtml(text);
      expect(shown).not.toMatch(/[<>"'`]|&(?!#\d+;)/u);
      expect(shown.replaceAll(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)))).toBe(text);
    }),
    { numRuns: 200 },
  );
});
