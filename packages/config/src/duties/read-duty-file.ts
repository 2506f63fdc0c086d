import { basename } from "node:path";
import type { z } from "zod";
import { withoutForbiddenKeys } from "../forbidden-keys.ts";
import type { Path } from "../path.ts";
import { isRecord, textOfPath } from "../path.ts";
import type { Finding, Problem, ProblemCode } from "../problems.ts";
import { readText } from "../read-text.ts";
import { schemaFindings } from "../schema-findings.ts";
import { readYaml } from "../yaml-source.ts";
import { usableDuties } from "./usable-duties.ts";

/** A file of `ops/` that was read: what it holds, and where each of it stands. */
export interface DutySource<Content> {
  readonly file: string;
  /**
   * What of it has its form; null where nothing has. Where there are problems it is only to be looked at, and nothing holds.
   */
  readonly content: Content | null;
  readonly problems: readonly Problem[];
  /** Whether a part of what it says was taken off because it has not its form. */
  readonly isPart: boolean;
  /** A problem with what stands at a path. */
  problem(path: Path, code: ProblemCode, message: string, fix?: string, part?: Finding["part"]): Problem;
  lineOf(path: Path): number;
  /** The names below a key of the file, also of what has not its form; null where there are none to read. */
  namesBelow(key: string): readonly string[] | null;
}

/**
 * Reads a file as YAML of a form. Problems are told and not thrown. `instead`: what stands for keys at its top that are wrong,
 * so that the others can be looked at.
 */
export function readDutyFile<Content>(
  root: string,
  file: string,
  schema: z.ZodType<Content>,
  instead: Readonly<Record<string, unknown>> = {},
): DutySource<Content> {
  const read = readText(root, file, "the file");
  if ("problem" in read) return unread(file, [read.problem]);
  return readDutyText(file, read.text, schema, instead);
}

/** Reads the front matter of a Markdown file; the text below it is handed on. */
export function readFrontMatter<Content>(
  root: string,
  file: string,
  schema: z.ZodType<Content>,
  instead: Readonly<Record<string, unknown>> = {},
): DutySource<Content> & { readonly body: string } {
  const read = readText(root, file, "the playbook");
  if ("problem" in read) return { ...unread(file, [read.problem]), body: "" };
  const found = /^---[ \t]*\r?\n([\s\S]*?)(?:^|\n)---[ \t]*(?:\r?\n|$)/.exec(read.text);
  if (found === null || read.text.charCodeAt(0) === 0xfeff) {
    const message = `${basename(file)} does not begin with front matter`;
    const fix = "begin it with a line ---, id, owner, reviewed, review_every, escalation, and a line ---";
    return {
      ...unread(file, [{ file, line: 1, column: 1, path: "", code: "missing", message, fix }]),
      body: read.text,
    };
  }
  // A line before it instead of the dashes, so that places are those of the file.
  return { ...readDutyText(file, `\n${found[1] ?? ""}`, schema, instead), body: read.text.slice(found[0].length) };
}

function readDutyText<Content>(
  file: string,
  text: string,
  schema: z.ZodType<Content>,
  instead: Readonly<Record<string, unknown>>,
): DutySource<Content> {
  const read = readYaml(text);
  const torn = read.readable ? [] : read.problems.map((problem): Problem => ({ file, path: "", ...problem }));
  const source = read.readable ? read : read.rest;
  if (source === undefined) return unread(file, torn);
  const { data, findings } = withoutForbiddenKeys(source.data);
  const form = schemaFindings(data, (path) => source.places.textAt(path), schema).map((finding): Finding =>
    finding.path.length === 0 && finding.code === "missing"
      ? { ...finding, message: "there is nothing in it", fix: "write something into it, or take it away" }
      : finding,
  );
  const placed = ({ path, part, code, message, fix }: Finding): Problem => ({
    file,
    ...source.places.find(path, part),
    path: textOfPath(path),
    code,
    message,
    ...(fix === undefined ? {} : { fix }),
  });
  const { content, placeOf } = usableDuties(data, schema, instead);
  return {
    file,
    content,
    problems: [...torn, ...[...findings, ...form].slice(0, mostProblems).map(placed)],
    isPart: [...findings, ...form].some(({ code }) => code !== "unknown_key"),
    problem: (path, code, message, fix, part = "value") => placed({ path: placeOf(path), part, code, message, fix }),
    lineOf: (path) => source.places.find(placeOf(path), "key").line,
    namesBelow: (key) => (isRecord(data) && isRecord(data[key]) ? Object.keys(data[key]) : null),
  };
}

const mostProblems = 200;

const unread = <Content>(file: string, problems: readonly Problem[]): DutySource<Content> => ({
  file,
  content: null,
  problems,
  isPart: true,
  problem: (path, code, message, fix) => ({
    file,
    line: 1,
    column: 1,
    path: textOfPath(path),
    code,
    message,
    ...(fix === undefined ? {} : { fix }),
  }),
  lineOf: () => 1,
  namesBelow: () => null,
});
