import type { SourcePlace } from "./place.ts";

/** A value that is written out, without an expression. */
export interface LiteralTemplate {
  readonly kind: "literal";
  readonly place: SourcePlace;
  readonly value: string | number | boolean | null;
  /** The value as a text, as GitHub makes it: `3.10` without quotes is the number 3.1, so "3.1"; null is "". */
  readonly text: string;
}

/** A value that is computed when its turn comes. */
export interface ExpressionTemplate {
  readonly kind: "expression";
  readonly place: SourcePlace;
  /** The expression without `${{ }}`; text around it has become a call of `format`. */
  readonly source: string;
}

/** A list of values, some of which may be computed. */
export interface SequenceTemplate {
  readonly kind: "sequence";
  readonly place: SourcePlace;
  readonly items: readonly Template[];
}

/** A mapping whose keys and values may be computed, in the order in which they are written. */
export interface MappingTemplate {
  readonly kind: "mapping";
  readonly place: SourcePlace;
  readonly entries: readonly MappingEntry[];
}

export interface MappingEntry {
  readonly key: LiteralTemplate | ExpressionTemplate;
  readonly value: Template;
}

/** A value of a workflow file before its expressions are evaluated. */
export type Template = LiteralTemplate | ExpressionTemplate | SequenceTemplate | MappingTemplate;
