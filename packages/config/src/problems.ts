import { closest, distance } from "fastest-levenshtein";
import type { Path } from "./path.ts";

/** Every kind of problem a configuration can have. */
export const problemCodes = {
  clash: "Two parts of the configuration claim the same thing.",
  cycle: "Things refer to each other in a circle.",
  duplicate: "The same key, or the same file, is there twice.",
  evaluation: "The configuration program failed, hung or ended before it gave a value.",
  forbidden_key: "A key that would change what objects are.",
  impossible: "Values that are fine alone and cannot work together.",
  missing: "Something that must be there is not.",
  not_data: "A value that is not plain data.",
  path: "A path that leaves the repository or leads nowhere.",
  reserved: "A name that Fairway sets itself.",
  shell_syntax: "A command that only a shell would understand.",
  syntax: "The file is not of its language.",
  too_large: "More than Fairway is willing to read.",
  unknown_key: "A key that means nothing here.",
  unknown_name: "A reference to something that is not there.",
  wrong_value: "A value of the wrong form.",
} as const;

export type ProblemCode = keyof typeof problemCodes;

/** Something wrong with a configuration, with its place and what to do about it. */
export interface Problem {
  /** As the user would name it: relative to the directory that was loaded. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units as editors count. */
  readonly column: number;
  /** `services.api.checks.test`; empty for the file as a whole. */
  readonly path: string;
  readonly code: ProblemCode;
  readonly message: string;
  readonly fix?: string;
}

/** A problem before its place is looked up. */
export interface Finding {
  readonly path: Path;
  /** Whether the key itself is meant or what it holds. */
  readonly part: "key" | "value";
  readonly code: ProblemCode;
  readonly message: string;
  readonly fix?: string | undefined;
}

/** That what a key holds is wrong. */
export const valueFinding = (path: Path, code: ProblemCode, message: string, fix?: string): Finding => ({
  path,
  part: "value",
  code,
  message,
  fix,
});

/** That a key cannot be here, whatever it holds. */
export const impossibleKey = (path: Path, message: string, fix: string): Finding => ({
  path,
  part: "key",
  code: "impossible",
  message,
  fix,
});

/** By file, then from the top down. */
export const sortProblems = (problems: readonly Problem[]): readonly Problem[] =>
  [...problems].sort(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
      a.line - b.line ||
      a.column - b.column ||
      a.path.localeCompare(b.path),
  );

/** One problem as a compiler would print it, the fix indented below. */
export function formatProblem({ file, line, column, message, fix }: Problem): string {
  const head = `${file}:${line}:${column} ${message}`;
  return fix === undefined ? head : [head, ...fix.split("\n").map((text) => `    ${text}`)].join("\n");
}

/** All problems, one below the other. */
export const formatProblems = (problems: readonly Problem[]): string => problems.map(formatProblem).join("\n");

/** The known name that was probably meant, when one is near enough. */
export function nearestName(given: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  // The slip of quick fingers: "rnu" is two letters from "run" and from "env", and one slip from "run".
  const slipped = known.find((name) => isSlip(given.toLowerCase(), name.toLowerCase()));
  if (slipped !== undefined) return slipped;
  const nearest = closest(given.toLowerCase(), [...known]);
  // A third of the letters may differ: "replcas" finds "replicas", "foo" does not find "env".
  const tolerated = Math.max(1, Math.floor(Math.max(given.length, nearest.length) / 3));
  return distance(given.toLowerCase(), nearest.toLowerCase()) <= tolerated ? nearest : undefined;
}

/** Whether two neighbouring letters have changed places. */
function isSlip(given: string, meant: string): boolean {
  if (given.length !== meant.length || given === meant) return false;
  const at =
    Array.from({ length: given.length }, (_, index) => index).find((index) => given[index] !== meant[index]) ?? 0;
  return `${given.slice(0, at)}${given[at + 1] ?? ""}${given[at] ?? ""}${given.slice(at + 2)}` === meant;
}

/** A sentence that helps after an unknown name: the near one, or all there are. */
export function didYouMean(given: string, known: readonly string[]): string | undefined {
  const nearest = nearestName(given, known);
  if (nearest !== undefined) return `did you mean "${nearest}"?`;
  return known.length === 0 ? undefined : `known here: ${known.join(", ")}`;
}
