/** What a tool says about one place of the repository. */
export interface Annotation {
  readonly severity: "error" | "warning" | "notice";
  /** Relative to the repository, with `/`; null when it is about no file of it. */
  readonly file: string | null;
  /** From 1. */
  readonly line: number | null;
  /** From 1. */
  readonly column: number | null;
  /** As the tool names it: `no-unused-vars`, `TS2322`, `E501`. */
  readonly rule: string | null;
  readonly message: string;
}

/** What a check found: everything is counted, and as much is kept as can be shown. */
export interface Annotations {
  /** Errors first, else in the order of the report. */
  readonly kept: readonly Annotation[];
  readonly errors: number;
  readonly warnings: number;
  readonly notices: number;
}

/** Nothing was found. */
export const noAnnotations: Annotations = { kept: [], errors: 0, warnings: 0, notices: 0 };

const mostKept = 200;
/** Of all kept messages together, in characters: a run is asked for again and again while people watch it. */
const mostCharacters = 64 * 1024;
const longestMessage = 2000;
const longestRule = 100;
const longestFile = 1000;
const largestNumber = 100_000_000;

const rank = { error: 0, warning: 1, notice: 2 } as const;

/** Counts annotations and keeps the most important, with what a terminal, a database or a page could not take removed. */
export function keepAnnotations(found: readonly Annotation[]): Annotations {
  const count = (severity: Annotation["severity"]): number => found.filter((one) => one.severity === severity).length;
  const kept: Annotation[] = [];
  let room = mostCharacters;
  // A sort that keeps the order of equals.
  for (const one of found.toSorted((a, b) => rank[a.severity] - rank[b.severity])) {
    if (kept.length === mostKept) break;
    const clean = cleaned(one);
    room -= clean.message.length + (clean.file?.length ?? 0);
    if (room < 0) break;
    kept.push(clean);
  }
  return { kept, errors: count("error"), warnings: count("warning"), notices: count("notice") };
}

function cleaned({ severity, file, line, column, rule, message }: Annotation): Annotation {
  const place = file === null ? null : harmless(file, longestFile).replaceAll("\n", "");
  return {
    severity,
    file: place === "" ? null : place,
    line: place ? counted(line) : null,
    column: place && counted(line) !== null ? counted(column) : null,
    rule: rule === null ? null : harmless(rule, longestRule).replaceAll("\n", " ") || null,
    message: harmless(message, longestMessage).trim() || "(no message)",
  };
}

const counted = (number: number | null): number | null =>
  number !== null && Number.isInteger(number) && number >= 1 && number <= largestNumber ? number : null;

/* oxlint-disable no-control-regex -- they are what is looked for */
/** Colours and cursor movements go whole; other control characters, of text direction too, singly. */
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-_])/gu;
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;
/* oxlint-enable no-control-regex */

function harmless(text: string, longest: number): string {
  // Four times as much as is shown is looked at, since escapes take room; the rest of a page of megabytes is not.
  const plain = text
    .slice(0, longest * 4)
    .toWellFormed()
    .replaceAll("\r\n", "\n")
    .replaceAll(escapes, "")
    .replaceAll(controls, "");
  return plain.length > longest ? `${plain.slice(0, longest - 1).toWellFormed()}…` : plain;
}

/** "3 errors and 1 warning"; "nothing" when there is nothing. */
export function countsOf({ errors, warnings, notices }: Annotations): string {
  const parts = [
    [errors, "error"],
    [warnings, "warning"],
    [notices, "notice"],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}${count === 1 ? "" : "s"}`);
  return said.length === 0 ? "nothing" : said.join(" and ");
}

/** `src/a.ts:3:5`; what is not known is left out. */
export const placeOfAnnotation = ({ file, line, column }: Annotation): string =>
  [file, line, column].filter((part) => part !== null).join(":");
