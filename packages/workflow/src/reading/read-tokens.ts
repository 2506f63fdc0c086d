import type { Document } from "yaml";
import { messageOf } from "@fairway/core";
import type { SourcePlace } from "../model/place.ts";
import { withDeadline } from "./deadline.ts";
import { guardDocument } from "./document-guard.ts";
import { Findings } from "./findings.ts";
import type { TemplateContext, TemplateToken } from "./github-entry.ts";
import { github } from "./github.ts";
import { nearKeyHint } from "./near-key.ts";
import { textExcess } from "./text-guard.ts";

/** The guards bound the work to well under a second; this is for what nobody has thought of. */
const deadlineMillis = 20_000;

/** What kind of file a text is: its schema, and the definition of its root in it. */
export type FileKind = "workflow" | "action";

/** A file as GitHub's parser sees it, or nothing when it is not even YAML. */
export interface TokenFile {
  readonly findings: Findings;
  readonly context: TemplateContext;
  readonly root: TemplateToken | undefined;
}

/**
 * Reads a text with GitHub's schema. Problems go to `findings`; there is a root when the text could be parsed, with or
 * without problems.
 */
export function readTokens(text: string, file: string, kind: FileKind): TokenFile {
  const { getWorkflowSchema, getActionSchema, NoOperationTraceWriter, TemplateContext, TemplateValidationErrors } =
    github();
  const findings = new Findings(file);
  const schema = kind === "workflow" ? getWorkflowSchema() : getActionSchema();
  const context = new TemplateContext(new TemplateValidationErrors(), schema, new NoOperationTraceWriter());
  const excess = textExcess(text);
  if (excess !== undefined) {
    findings.add(placeAt(text, excess.offset), excess.what);
    return { findings, context, root: undefined };
  }
  const root = withDeadline(deadlineMillis, `reading ${file}`, () => parse(text, kind, context, findings));
  return { findings, context, root };
}

function parse(text: string, kind: FileKind, context: TemplateContext, findings: Findings): TemplateToken | undefined {
  const { readTemplate, YamlObjectReader } = github();
  const fileId = context.getFileId(findings.file);
  const reader = new YamlObjectReader(fileId, text);
  for (const { message, range } of reader.errors) {
    // The parser's own words end in the place and a drawing of it, which are told apart here.
    const words = message.replace(/ at line \d+, column \d+:[\s\S]*$/u, "");
    findings.add(range?.start ?? { line: 1, column: 1 }, words);
  }
  if (reader.errors.length > 0) return undefined;
  // Read only when the template is: until then the parsed document can be looked at and mended.
  const { doc } = reader as unknown as { readonly doc: Document };
  if (doc.contents === null) {
    findings.add({ line: 1, column: 1 }, "the file is empty");
    return undefined;
  }
  const faults = guardDocument(doc);
  for (const { offset, message, hint } of faults) findings.add(placeAt(text, offset), message, hint);
  if (faults.length > 0) return undefined;
  return readTemplate(context, kind === "workflow" ? "workflow-root-strict" : "action-root", reader, fileId);
}

/**
 * Takes over what GitHub's parser has complained about so far. Where something has been said already nothing is added: a
 * value that could not be read makes the converter stumble over it again.
 */
export function takeErrors({ context, findings }: TokenFile): void {
  const errors = context.errors.getErrors().map(({ rawMessage, range }) => ({
    place: range?.start ?? { line: 1, column: 1 },
    rawMessage,
  }));
  const fresh = errors.filter(({ place, rawMessage }) => !findings.hasAt(place) && !isEcho(rawMessage));
  for (const { place, rawMessage } of fresh) findings.add(place, rawMessage, nearKeyHint(rawMessage));
  context.errors.clear();
}

/** An `if` that could not be read is read again with its braces, as if they were part of the expression. */
function isEcho(message: string): boolean {
  return message.startsWith("Unexpected symbol: '${{'");
}

/** Adds whatever else was thrown while a file was read: the parser gives up on some inputs in its own way. */
export function takeThrown(findings: Findings, thrown: unknown): void {
  findings.add({ line: 1, column: 1 }, `GitHub's parser gave up: ${messageOf(thrown)}`);
}

function placeAt(text: string, offset: number): SourcePlace {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
