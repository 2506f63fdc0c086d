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
  /** Known not to be well yet: its failure is no no. */
  skipped: boolean;
}

interface Trouble {
  readonly rule: string | null;
  readonly message: string;
  body: string;
}

const deepest = 64;
const longestText = 8 * 1024;
/** Of so many failures the place is looked for; the rest are only counted. */
const mostPlaced = 200;
const longestLine = 300;
/** `src/a.test.ts:3:5` in a stack, and `test_api.py:12:` as Python says it. */
const mentioned = /(?:^|[\s("'])(?:file:\/\/)?([^\s("':]*[^\s("':/]\.\w{1,5}):(\d{1,9})(?::(\d{1,9}))?/gu;

/**
 * Reads JUnit XML, which no standard describes: `testcase` elements that hold `failure` or `error` when they were not well.
 * Only what XML itself defines is expanded, and a document type is refused, so no text grows while it is read.
 */
export function readJunit(text: string, places: Places, firstLine: 0 | 1 = 1): JunitReading {
  if (text.trim() === "") throw new NotThatReport("it is empty");
  const annotations: Annotation[] = [];
  const open: string[] = [];
  const files: (string | null)[] = [];
  let tests = 0;
  let current: Case | null = null;
  let trouble: Trouble | null = null;

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
      current = caseOf(tag, files.at(-1) ?? null, firstLine);
    } else if (tag.name === "skipped" && current !== null) {
      current.skipped = true;
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
    annotations.push(annotationOf(current, trouble, annotations.length < mostPlaced ? places : () => null));
    trouble = null;
  });
  parser.write(text).close();
  return { annotations, tests };
}

function caseOf({ attributes }: SaxesTagPlain, file: string | null, firstLine: 0 | 1): Case {
  const line = Number(attributes["line"]);
  const name = [attributes["classname"], attributes["name"]].filter((part) => part !== undefined && part !== "");
  return {
    name: name.join(" › ") || "a test",
    file: attributes["file"] ?? file ?? attributes["classname"] ?? null,
    line: attributes["line"] !== undefined && Number.isInteger(line) ? line + 1 - firstLine : null,
    skipped: false,
  };
}

function annotationOf(of: Case, trouble: Trouble, places: Places): Annotation {
  const said = firstPlace(trouble.body, places);
  const named = of.file !== null && /\.\w{1,5}$/u.test(of.file) ? places(of.file) : null;
  return {
    severity: of.skipped ? "warning" : "error",
    file: said?.file ?? named,
    line: said?.line ?? (named === null ? null : of.line),
    column: said?.column ?? null,
    rule: trouble.rule,
    message: `${of.name}: ${messageOf(trouble)}`,
  };
}

/** The first line of what it says, and the error that pytest shows at the end of a traceback. */
function messageOf({ message, body }: Trouble): string {
  const [first = ""] = (message || body).trim().split("\n");
  const error = body.split("\n").findLast((line) => line.startsWith("E  "));
  const words = error?.slice(1).trim() ?? "";
  return [first.slice(0, 1000) || "it failed", ...(words !== "" && !message.includes(words) ? [words] : [])].join("\n");
}

/** The first place that a stack names which is a file of the repository and not of a library. */
function firstPlace(
  body: string,
  places: Places,
): { readonly file: string; readonly line: number; readonly column: number | null } | null {
  const lines = body.split("\n").filter((each) => each.length <= longestLine);
  for (const [, named = "", line, column] of lines.join("\n").matchAll(mentioned)) {
    const file = places(named);
    if (file !== null && !/(?:^|\/)(?:node_modules|site-packages|\.venv)\//u.test(file))
      return { file, line: Number(line), column: column === undefined ? null : Number(column) };
  }
  return null;
}
