/** Where something stands in a file: line and column, both counted from 1. */
export interface SourcePlace {
  readonly line: number;
  readonly column: number;
}

/** Something wrong with a file, told to the person who wrote it. */
export interface Problem {
  readonly message: string;
  /** The file as it was named to the reader: usually its path in the repository. */
  readonly file: string;
  readonly place: SourcePlace;
  /** What to do about it, as a sentence. */
  readonly hint?: string;
}

/** A problem as one line for a person: `file:line:column: message`. */
export function formatProblem({ file, place, message, hint }: Problem): string {
  const line = `${file}:${place.line}:${place.column}: ${message}`;
  return hint === undefined ? line : `${line}\n  ${hint}`;
}
