import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatProblem } from "../model/place.ts";
import { readAction } from "./read-action.ts";
import { readWorkflow } from "./read-workflow.ts";

const job = "  build: { runs-on: x, steps: [{ run: echo }] }\n";
const valid = `on: push\njobs:\n${job}`;

/** What is said to a file, one line a problem. */
function saidTo(text: string): readonly string[] {
  const reading = readWorkflow(text, "ci.yml");
  return "problems" in reading ? reading.problems.map(formatProblem) : [];
}

const many = (count: number, item = "1"): string => Array.from({ length: count }, () => item).join(", ");

/** Twelve levels of ten aliases each: a thousand billion values in 400 bytes. */
function bomb(levels: number): string {
  const lines = ["a0: &a0 x"];
  for (let level = 1; level <= levels; level++) {
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(", ")}]`);
  }
  return `${lines.join("\n")}\n`;
}

describe("a file that would hang the parser is refused before it gets there", () => {
  test("aliases that multiply", () => {
    expect(saidTo(`${bomb(12)}${valid}`)).toEqual([
      "ci.yml:1:1: with its aliases written out, the file has more than 50000 values",
    ]);
  });

  test("an alias inside of what it stands for", () => {
    expect(saidTo(`on: push\njobs: &all\n  build: *all\n`)).toEqual([
      "ci.yml:3:10: the alias *all stands inside of what it stands for",
    ]);
  });

  test("a file of half a megabyte", () => {
    expect(saidTo(`${valid}# ${"x".repeat(600_000)}`)).toEqual(["ci.yml:1:1: the file is larger than 512 KiB"]);
  });

  test.each([
    ["brackets", "[".repeat(100_000)],
    ["braces", "{a: ".repeat(50_000)],
    ["dashes", "- ".repeat(50_000)],
    ["questions", "? ".repeat(50_000)],
    ["blanks", `a:\n${" ".repeat(5_000)}b: c\n`],
  ])("%s without end", (_, text) => {
    expect(saidTo(text)[0]).toMatch(/nested too deeply/u);
  });

  test("more words than a workflow has", () => {
    expect(saidTo(`on: push\nx: [${"a,".repeat(40_000)}]`)[0]).toMatch(/more than 30000 words and signs/u);
  });

  test("a text with thousands of expressions", () => {
    const step = `  build: { runs-on: x, steps: [{ run: "${"${{ github.a }}".repeat(3_000)}" }] }`;
    expect(saidTo(`on: push\njobs:\n${step}`)).toEqual([
      "ci.yml:3:39: a text with expressions may have at most 21000 characters",
    ]);
  });

  test("aliases that only repeat are fine, as on GitHub", () => {
    expect(
      saidTo(`on: push\nenv: &e { A: b }\njobs:\n  b: { runs-on: x, env: *e, steps: [{ run: echo, env: *e }] }\n`),
    ).toEqual([]);
  });
});

describe("a file that is not what it should be is refused with its place", () => {
  test.each([
    ["empty", "", "1:1: the file is empty"],
    ["only a comment", "# nothing\n", "1:1: the file is empty"],
    ["a list", "- a\n", "1:1: A sequence was not expected"],
    ["a word", "hello\n", "1:1: Unexpected value 'hello'"],
    ["two documents", `${valid}---\n${valid}`, /4:1: Source contains multiple documents/u],
    ["an unclosed bracket", "on: [push\njobs: {}\n", /ci\.yml:\d+:\d+: /u],
    ["a tab", `on: push\njobs:\n\tbuild: 1\n`, "3:1: Tabs are not allowed as indentation"],
    ["a NUL", `on: push\njobs:\n${job}\u0000`, /ci\.yml:\d+:\d+: /u],
    [
      "YAML 1.1",
      `%YAML 1.1\n---\n${valid}`,
      "1:1: this file asks for YAML 1.1, in which `on` and `yes` are truth values",
    ],
    [
      "a merge key",
      `on: push\nx: &x { a: b }\njobs:\n  <<: *x\n${job}`,
      "4:3: merge keys (<<) are not part of a workflow file",
    ],
    ["a tag of its own", `on: !secret push\njobs:\n${job}`, "1:13: the tag !secret is not part of a workflow file"],
    [
      "bytes",
      `on: push\nname: !!binary aGVsbG8=\njobs:\n${job}`,
      "2:16: the tag tag:yaml.org,2002:binary is not part of a workflow file",
    ],
    ["a list as a key", `on: push\n? [a, b]\n: c\njobs:\n${job}`, "2:3: a key must be a text"],
    ["no jobs", "on: push\n", "1:1: Required property is missing: jobs"],
    [
      "no jobs in jobs",
      "on: push\njobs: {}\n",
      "2:7: The workflow must contain at least one job with no dependencies.",
    ],
    ["an unknown key", `on: push\ncolour: red\njobs:\n${job}`, "2:1: Unexpected value 'colour'"],
    ["an unknown event", `on: pull_reqest\njobs:\n${job}`, "1:5: Unexpected value 'pull_reqest'"],
    ["a slip in a key", `on: push\njobz: {}\njobs:\n${job}`, "2:1: Unexpected value 'jobz'\n  Did you mean 'jobs'?"],
    [
      "a matrix of too many legs",
      `on: push\njobs:\n  a: { runs-on: x, strategy: { matrix: { a: [${many(17)}], b: [${many(16)}] } }, steps: [{ run: echo }] }\n`,
      "3:40: the matrix has 272 legs, and 256 are the most",
    ],
    [
      "a list of too many legs",
      `on: push\njobs:\n  a: { runs-on: x, strategy: { matrix: { include: [${many(257, "{ a: 1 }")}] } }, steps: [{ run: echo }] }\n`,
      "3:40: the matrix has 257 legs, and 256 are the most",
    ],
    ["a key twice", `on: push\non: push\njobs:\n${job}`, "2:1: 'on' is already defined"],
    ["no runs-on", `on: push\njobs:\n  a: { steps: [{ run: echo }] }\n`, "3:6: Required property is missing: runs-on"],
    [
      "a number as an id",
      `on: push\njobs:\n  1: { runs-on: x, steps: [{ run: echo }] }\n`,
      /3:3: The identifier '1' is invalid/u,
    ],
    [
      "an id of ours",
      `on: push\njobs:\n  __a: { runs-on: x, steps: [{ run: echo }] }\n`,
      /3:3: .*starting with '__' are reserved/u,
    ],
    [
      "neither run nor uses",
      `on: push\njobs:\n  a: { runs-on: x, steps: [{ name: b }] }\n`,
      /3:28: There's not enough info to determine what you meant/u,
    ],
    [
      "a step's id twice",
      `on: push\njobs:\n  a: { runs-on: x, steps: [{ run: a, id: x }, { run: b, id: X }] }\n`,
      "3:61: The identifier 'X' may not be used more than once within the same scope.",
    ],
    [
      "an unknown need",
      `on: push\njobs:\n${job}  b: { needs: nobody, runs-on: x, steps: [{ run: echo }] }\n`,
      "4:15: Job 'b' depends on unknown job 'nobody'.",
    ],
    [
      "secrets in an if",
      `on: push\njobs:\n  a: { runs-on: x, if: "secrets.A == 'b'", steps: [{ run: echo }] }\n`,
      "3:24: Unrecognized named-value: 'secrets'",
    ],
    [
      "secrets in a step's if",
      `on: push\njobs:\n  a: { runs-on: x, steps: [{ run: echo, if: "\${{ secrets.A }}" }] }\n`,
      /3:4\d: Unrecognized named-value: 'secrets'/u,
    ],
    [
      "an expression that ends",
      `on: push\njobs:\n  a: { runs-on: x, steps: [{ run: "\${{ github. }}" }] }\n`,
      /3:36: Unexpected symbol/u,
    ],
    [
      "an expression without end",
      `on: push\njobs:\n  a: { runs-on: x, steps: [{ run: "\${{ github.ref" }] }\n`,
      /3:35: The expression is not closed/u,
    ],
    [
      "an empty expression",
      `on: push\njobs:\n  a: { runs-on: x, steps: [{ run: "\${{ }}" }] }\n`,
      /3:\d+: An expression was expected/u,
    ],
    [
      "an unknown function",
      `on: push\njobs:\n  a: { runs-on: x, if: nope(), steps: [{ run: echo }] }\n`,
      "3:24: Unrecognized function: 'nope'",
    ],
    [
      "an empty vector",
      `on: push\njobs:\n  a: { runs-on: x, strategy: { matrix: { v: [] } }, steps: [{ run: echo }] }\n`,
      "3:45: Matrix vector 'v' does not contain any values",
    ],
    [
      "a reference to no action",
      `on: push\njobs:\n  a: { runs-on: x, steps: [{ uses: checkout }] }\n`,
      "3:36: Expected format {org}/{repo}[/path]@ref. Actual 'checkout'",
    ],
    [
      "a cron of six fields",
      `on: { schedule: [{ cron: "* * * * * *" }] }\njobs:\n${job}`,
      /1:26: Invalid cron expression/u,
    ],
    [
      "a day that never comes",
      `on: { schedule: [{ cron: "0 0 31 2 *" }] }\njobs:\n${job}`,
      "1:26: '0 0 31 2 *' never comes",
    ],
    [
      "no such zone",
      `on: { schedule: [{ cron: "0 0 * * *", timezone: Mars/Base }] }\njobs:\n${job}`,
      "1:49: 'Mars/Base' is not an IANA time zone",
    ],
    [
      "filters both ways",
      `on: { push: { branches: [a], branches-ignore: [b] } }\njobs:\n${job}`,
      /1:30: 'branches' and 'branches-ignore' cannot both be used/u,
    ],
    [
      "only negative filters",
      `on: { push: { branches: ["!a"] } }\njobs:\n${job}`,
      /1:15: 'branches' has only patterns that take out/u,
    ],
  ])("%s", (_, text, words) => {
    const said = saidTo(text);
    expect(said[0]).toMatch(typeof words === "string" ? literally(`ci.yml:${words}`) : words);
  });

  test("a circle of needs, told at each job in it", () => {
    const circle = `on: push\njobs:\n  first: { runs-on: x, steps: [{ run: echo }] }\n  a: { needs: b, runs-on: x, steps: [{ run: echo }] }\n  b: { needs: a, runs-on: x, steps: [{ run: echo }] }\n`;
    expect(saidTo(circle)).toEqual([
      "ci.yml:4:15: Job 'a' depends on job 'b' which creates a cycle in the dependency graph.",
      "ci.yml:5:15: Job 'b' depends on job 'a' which creates a cycle in the dependency graph.",
    ]);
  });

  test("all problems at once, in the order of the file", () => {
    const said = saidTo(
      `on: push\na: 1\njobs:\n  x: { runs-on: y, steps: [{ run: echo, b: 2 }] }\n  z: { runs-on: y, steps: [], c: 3 }\n`,
    );
    expect(said).toEqual([
      "ci.yml:2:1: Unexpected value 'a'",
      "ci.yml:4:41: Unexpected value 'b'",
      "ci.yml:5:31: Unexpected value 'c'",
    ]);
  });
});

describe("whatever the text, the reader answers", () => {
  const pieces = [
    "on",
    "push",
    "jobs",
    ":",
    "\n",
    "  ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "&a",
    "*a",
    "${{",
    "}}",
    "|",
    ">",
    '"',
    "'",
    "#",
    "!!int",
    "<<",
    "null",
    "1",
    "runs-on",
    "steps",
    "run",
    "if",
    "\t",
    "\u0000",
    "\u{1f600}",
    "---",
    "%YAML 1.1",
    "? ",
  ];
  const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join(""));
  const anything = fc.oneof(
    soup,
    fc.string({ maxLength: 200 }),
    soup.map((text) => `${valid}${text}`),
  );

  test("with a workflow or with problems that have places, and does not throw", () => {
    fc.assert(
      fc.property(anything, (text) => {
        const reading = readWorkflow(text, "ci.yml");
        if (!("problems" in reading)) return true;
        return (
          reading.problems.length > 0 && reading.problems.every(({ place }) => place.line >= 1 && place.column >= 1)
        );
      }),
      { numRuns: 300, seed: 20260822 },
    );
  });

  test("also for an action", () => {
    fc.assert(
      fc.property(anything, (text) => {
        const reading = readAction(text, "action.yml");
        return "action" in reading || reading.problems.length > 0;
      }),
      { numRuns: 150, seed: 20260822 },
    );
  });
});

function literally(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/gu, "\\$&")}`, "u");
}
