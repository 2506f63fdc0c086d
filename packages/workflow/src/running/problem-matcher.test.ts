import { describe, expect, it } from "vitest";
import { MatcherState, type ProblemMatcher, readMatchers } from "./problem-matcher.ts";

const matcher = (pattern: ProblemMatcher["pattern"], severity = ""): ProblemMatcher => ({
  owner: "o",
  severity,
  fromPath: "",
  pattern,
});
const findings = (one: ProblemMatcher, lines: readonly string[]): readonly unknown[] => {
  const state = new MatcherState(one);
  return lines.flatMap((line) => state.match(line) ?? []);
};
// As ESLint's "stylish": the file on a line of its own, then findings, each on a line.
const stylish = matcher([
  { regexp: "^(\\S.*)$", file: 1 },
  { regexp: "^\\s+(\\d+):(\\d+)\\s+(\\w+)\\s+(.*)$", line: 1, column: 2, severity: 3, message: 4, loop: true },
]);

describe("a matcher of several lines", () => {
  it("completes a finding over its lines", () => {
    const one = matcher([
      { regexp: "^at (.*)$", file: 1 },
      { regexp: "^say (.*)$", message: 1 },
    ]);
    expect(findings(one, ["at a.ts", "say bad"])).toMatchObject([{ file: "a.ts", message: "bad" }]);
  });

  it("forgets a finding whose next line is another", () => {
    const one = matcher([
      { regexp: "^at (.*)$", file: 1 },
      { regexp: "^say (.*)$", message: 1 },
    ]);
    expect(findings(one, ["at a.ts", "something", "say bad"])).toEqual([]);
  });

  it("repeats its last pattern when that loops", () => {
    const lines = ["a.ts", "  1:2  error  one", "  3:4  warning  two", "", "  5:6  error  three"];
    expect(findings(stylish, lines)).toMatchObject([
      { file: "a.ts", line: "1", column: "2", severity: "error", message: "one" },
      { file: "a.ts", line: "3", column: "4", severity: "warning", message: "two" },
    ]);
  });

  it("begins anew with another first line", () => {
    const lines = ["a.ts", "  1:2  error  one", "b.ts", "  3:4  error  two"];
    expect(findings(stylish, lines)).toMatchObject([{ file: "a.ts" }, { file: "b.ts" }]);
  });
});

describe("a matcher of one line", () => {
  it("gives its own severity where the line has none", () => {
    expect(findings(matcher([{ regexp: "^(.*)$", message: 1 }], "warning"), ["x"])).toMatchObject([
      { severity: "warning" },
    ]);
  });
});

describe("a file of matchers", () => {
  const read = (one: unknown): unknown => readMatchers(JSON.stringify({ problemMatcher: one }));

  it("is read, with or without a byte order mark", () => {
    const text = JSON.stringify({ problemMatcher: [{ owner: "a", pattern: [{ regexp: "(x)", message: 1 }] }] });
    expect(readMatchers(`\uFEFF${text}`)).toEqual(readMatchers(text));
  });

  it.each([
    ["Owner must not be empty", [{ pattern: [{ regexp: "x", message: 0 }] }]],
    ["Matcher 'a' contains unexpected default severity 'bad'", [{ owner: "a", severity: "bad", pattern: [] }]],
    ["Matcher 'a' does not contain any patterns", [{ owner: "a" }]],
    ["At least one pattern must set 'message'", [{ owner: "a", pattern: [{ regexp: "(x)", file: 1 }] }]],
    [
      "The property 'message' is set to 2 which is out of range",
      [{ owner: "a", pattern: [{ regexp: "(x)", message: 2 }] }],
    ],
    [
      "The property 'message' is set twice",
      [
        {
          owner: "a",
          pattern: [
            { regexp: "x", message: 0 },
            { regexp: "x", message: 0 },
          ],
        },
      ],
    ],
    [
      "Only the last pattern in a multiline matcher may set 'loop'",
      [{ owner: "a", pattern: [{ regexp: "x", message: 0, loop: true }] }],
    ],
    [
      "The loop pattern must set 'message'",
      [
        {
          owner: "a",
          pattern: [
            { regexp: "x", message: 0 },
            { regexp: "x", loop: true },
          ],
        },
      ],
    ],
    [
      "Duplicate owner name 'A'",
      [
        { owner: "a", pattern: [{ regexp: "x", message: 0 }] },
        { owner: "A", pattern: [{ regexp: "x", message: 0 }] },
      ],
    ],
  ])("is refused: %s", (message, matchers) => {
    expect(() => read(matchers)).toThrow(message);
  });

  it("without matchers has none", () => {
    expect(readMatchers("{}")).toEqual([]);
  });
});
