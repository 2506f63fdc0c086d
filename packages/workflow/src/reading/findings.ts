import type { Problem, SourcePlace } from "../model/place.ts";
import type { TemplateToken } from "./github-entry.ts";

/** Collects the problems of one file while it is read, so that all are told at once. */
export class Findings {
  readonly file: string;
  readonly #problems = new Map<string, Problem>();

  constructor(file: string) {
    this.file = file;
  }

  /** Adds a problem; the same words at the same place are kept once, since two parsers look at each file. */
  add(place: SourcePlace, message: string, hint?: string): void {
    const key = `${place.line}:${place.column}:${message}`;
    if (this.#problems.has(key)) return;
    this.#problems.set(key, { message, file: this.file, place, ...(hint === undefined ? {} : { hint }) });
  }

  /** Whether anything has been said about this place already. */
  hasAt({ line, column }: SourcePlace): boolean {
    return [...this.#problems.values()].some(({ place }) => place.line === line && place.column === column);
  }

  /** In the order of the file. */
  get problems(): readonly Problem[] {
    return [...this.#problems.values()].sort(
      (one, other) => one.place.line - other.place.line || one.place.column - other.place.column,
    );
  }
}

/** Where a token begins; the beginning of the file when the parser does not know. */
export function placeOf(token: TemplateToken | undefined): SourcePlace {
  return { line: token?.range?.start.line ?? 1, column: token?.range?.start.column ?? 1 };
}
