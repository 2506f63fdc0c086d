import type { Annotation } from "@fairway/core";
import type { SaxesTagPlain } from "saxes";
import { SaxesParser } from "saxes";
import type { Places } from "./places.ts";
import { NotThatReport } from "./report-form.ts";

/** What a test runner's report tells. */
export interface JunitReading {
  readonly annotations: readonly Annotation[];
  readonly tests: number;
}

interface Case {
  readonly name: string;
  readonly file: string | null;
  readonly line: number | null;
}

const deepest = 64;
const longestText = 8 * 1024;
/** `src/a.test.ts:3:5` in a stack, and `test_api.py:12:` as Python says it. */
const mentioned = /(?:^|[\s("'])(?:file:\/\/)?([^\s("':]*[^\s("':/]\.\w{1,5}):(\d{1,9})(?::(\d{1,9}))?/gu;

/**
 * Reads JUnit XML, which no standard describes: `testcase` elements that hold `failure` or `error` when they were not well.
 * Only what XML itself defines is expanded, and a document type is refused, so no text grows while it is read.
 */
export function readJunit(text: string, places: Places): JunitReading {
  const annotations: Annotation[] = [];
  const open: string[] = [];
  const files: (string | null)[] = [];
  let tests = 0;
  let current: Case | null = null;
  let trouble: { readonly rule: string | null; message: string; body: string } | null = null;

  const parser = new SaxesParser();
  const refuse = (why: string): never => {
    throw new NotThatReport(why);
  };
  parser.on("error", () => refuse(`line ${parser.line} is not well-formed XML`));
  parser.on("doctype", () => refuse("it has a document type, which may define entities"));
  parser.on("opentag", (tag: SaxesTagPlain) => {
    if (open.length === 0 && tag.name !== "testsuites" && tag.name !== "testsuite")
      refuse("it is XML, but no JUnit report: it begins with neither testsuites nor testsuite");
    if (open.length === deepest) refuse(`its elements are more than ${deepest} deep`);
    open.push(tag.name);
    files.push(tag.attributes["file"] ?? tag.attributes["filepath"] ?? files.at(-1) ?? null);
    if (tag.name === "testcase") {
      tests++;
      current = caseOf(tag, files.at(-1) ?? null);
    } else if ((tag.name === "failure" || tag.name === "error") && current !== null) {
      trouble = { rule: tag.attributes["type"] ?? null, message: tag.attributes["message"] ?? "", body: "" };
    }
  });
  const hear = (words: string): void => {
    if (trouble !== null && trouble.body.length < longestText) trouble.body += words.slice(0, longestText);
  };
  parser.on("text", hear);
  parser.on("cdata", hear);
  parser.on("closetag", (tag: SaxesTagPlain) => {
    open.pop();
    files.pop();
    if (tag.name === "testcase") current = null;
    if (trouble === null || current === null || (tag.name !== "failure" && tag.name !== "error")) return;
    annotations.push(annotationOf(current, trouble, places));
    trouble = null;
  });
  parser.write(text).close();
  if (tests === 0 && !/<testsuites?\b/u.test(text)) refuse("it is empty");
  return { annotations, tests };
}

function caseOf({ attributes }: SaxesTagPlain, file: string | null): Case {
  const line = Number(attributes["line"]);
  const name = [attributes["classname"], attributes["name"]].filter((part) => part !== undefined && part !== "");
  return {
    name: name.join(" › ") || "a test",
    file: attributes["file"] ?? file ?? attributes["classname"] ?? null,
    // pytest counts from 0: https://github.com/pytest-dev/pytest/blob/main/src/_pytest/junitxml.py
    line: attributes["line"] !== undefined && Number.isInteger(line) ? line : null,
  };
}

function annotationOf(
  of: Case,
  trouble: { readonly rule: string | null; readonly message: string; readonly body: string },
  places: Places,
): Annotation {
  const said = firstPlace(trouble.body, places);
  const named = of.file !== null && /\.\w{1,5}$/u.test(of.file) ? places(of.file) : null;
  const [first = ""] = (trouble.message || trouble.body).trim().split("\n");
  return {
    severity: "error",
    file: said?.file ?? named,
    line: said?.line ?? (named === null ? null : of.line),
    column: said?.column ?? null,
    rule: trouble.rule,
    message: `${of.name}: ${first.slice(0, 1000) || "it failed"}`,
  };
}

/** The first place that a stack names which is a file of the repository and not of a library. */
function firstPlace(
  body: string,
  places: Places,
): { readonly file: string; readonly line: number; readonly column: number | null } | null {
  for (const [, named = "", line, column] of body.matchAll(mentioned)) {
    const file = places(named);
    if (file !== null && !/(?:^|\/)(?:node_modules|site-packages|\.venv)\//u.test(file))
      return { file, line: Number(line), column: column === undefined ? null : Number(column) };
  }
  return null;
}
