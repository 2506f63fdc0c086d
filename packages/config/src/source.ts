import type { Place, Places } from "./places.ts";
import type { Finding, ProblemCode } from "./problems.ts";

/** A complaint about a file's text, with its place. */
export interface TextProblem extends Place {
  /** When it is not the configuration itself but a file that it imports. */
  readonly file?: string;
  readonly code: ProblemCode;
  readonly message: string;
  readonly fix?: string;
}

/** A file that could not be read as configuration. */
export interface Unreadable {
  readonly readable: false;
  readonly problems: readonly TextProblem[];
  /** What it holds all the same, where only keys that are there twice or tags are wrong with its text. */
  readonly rest?: ReadableSource;
}

/** What was read out of a configuration file: data with places and what of it was no data, or why it is none. */
export type Source = ReadableSource | Unreadable;

interface ReadableSource {
  readonly readable: true;
  readonly data: unknown;
  readonly findings: readonly Finding[];
  readonly places: Places;
}
