import { describe, expect, it } from "vitest";
import { parseEnvFile, parsePathFile, withPaths } from "./env-files.ts";

describe("a file of variables", () => {
  it.each([
    ["is split at the first equals sign", "A=b=c\n", [["A", "b=c"]]],
    ["may end without a line break", "A=1", [["A", "1"]]],
    [
      "may have empty lines",
      "\nA=1\n\nB=2\n",
      [
        ["A", "1"],
        ["B", "2"],
      ],
    ],
    ["may hold an empty value", "A=\n", [["A", ""]]],
    ["keeps the carriage return of a value, because only LF ends a line", "A=1\r\n", [["A", "1\r"]]],
    ["keeps blanks around names and values", " A = b \n", [[" A ", " b "]]],
    ["may begin with a byte order mark", "\uFEFFA=1\n", [["A", "1"]]],
    [
      "takes lines up to a delimiter",
      "A<<END\none\ntwo\nEND\nB=1\n",
      [
        ["A", "one\ntwo"],
        ["B", "1"],
      ],
    ],
    ["keeps empty lines of a long value", "A<<END\n\none\n\nEND\n", [["A", "\none\n"]]],
    ["may have a long value without lines", "A<<END\nEND\n", [["A", ""]]],
    ["takes << for part of the value after an equals sign", "A=b<<c\n", [["A", "b<<c"]]],
    ["takes = for part of the delimiter after <<", "A<<=\nx\n=\n", [["A", "x"]]],
    ["may have its last delimiter at its very end", "A<<END\nx\nEND", [["A", "x"]]],
    [
      "lets a later value win by coming later",
      "A=1\nA=2\n",
      [
        ["A", "1"],
        ["A", "2"],
      ],
    ],
  ] as const)("%s", (_, text, pairs) => {
    expect(parseEnvFile(text)).toEqual({ pairs });
  });

  it.each([
    ["a line that is neither", "hello\n", "Invalid format 'hello'"],
    ["a long value without its delimiter", "A<<END\none\n", "Invalid value. Matching delimiter not found 'END'"],
    ["a last line that is cut off", "A<<END\none", "Invalid value. EOF marker missing new line."],
    [
      "a long value without a name",
      "<<END\nx\nEND\n",
      "Invalid format '<<END'. Name must not be empty and delimiter must not be empty",
    ],
    [
      "a long value without a delimiter's name",
      "A<<\nx\n",
      "Invalid format 'A<<'. Name must not be empty and delimiter must not be empty",
    ],
  ])("refuses %s in the official runner's words", (_, text, problem) => {
    expect(parseEnvFile(text)).toEqual({ pairs: [], problem });
  });

  it("keeps what came before a mistake", () => {
    expect(parseEnvFile("A=1\nwrong\nB=2\n")).toEqual({ pairs: [["A", "1"]], problem: "Invalid format 'wrong'" });
  });
});

describe("a file of folders for PATH", () => {
  it("has one folder a line", () => {
    expect(parsePathFile("/one\r\n\n/two\n")).toEqual(["/one", "/two"]);
  });

  it("puts the newest folder first, and each only once", () => {
    expect(withPaths(["/b", "/a"], ["/c", "/a"])).toEqual(["/a", "/c", "/b"]);
  });
});
