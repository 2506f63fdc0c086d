import fc from "fast-check";
import { Lexer } from "yaml";
import { describe, expect, test } from "vitest";
import { yamlExcess } from "./yaml-excess.ts";

const excessOf = (text: string, most = 1000): ReturnType<typeof yamlExcess> => yamlExcess(new Lexer().lex(text), most);

describe("a YAML text that no parser is to be trusted with", () => {
  test.each([
    ["brackets", "[".repeat(65), 64],
    ["lists", "- ".repeat(65), 128],
    ["indent", `a:\n${" ".repeat(513)}b`, 3],
  ])("is nested too deeply by its %s, and says where that begins", (_of, text, offset) => {
    expect(excessOf(text)).toEqual({ offset, what: "the file is nested too deeply to be read" });
  });

  test("has too many words, and says at which", () => {
    expect(excessOf("[a, b, c, d]", 5)).toEqual({ offset: 7, what: "the file has more than 5 words and signs" });
  });

  test("is none that people write", () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 5 }, fc.string(), fc.integer(), fc.array(tie("value"), { maxLength: 4 })),
    })).value;
    fc.assert(fc.property(value, (it) => excessOf(JSON.stringify(it), 100_000) === undefined));
  });
});
