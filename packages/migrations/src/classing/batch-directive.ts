import { changesOf } from "../reading/changes-of.ts";
import type { SqlPlace } from "../reading/place.ts";
import type { SqlStatement } from "../reading/read-sql.ts";

/** A statement that is run again and again, each time for the next rows of a table. */
export interface Batch {
  /** How many rows at a time. */
  readonly rows: number;
  /** As the author names it, perhaps with its schema. */
  readonly table: string;
  /** The column that orders the rows and tells them apart. */
  readonly key: string;
  /** Has `$1` and `$2` for the first and the last key of a batch. */
  readonly statement: SqlStatement;
  /** What comes once, with the last batch: the author writes none, but the record of the tool may be there. */
  readonly after: readonly SqlStatement[];
}

/** Why a migration that asks for batches cannot have them. */
export interface BatchProblem {
  readonly message: string;
  readonly place: SqlPlace;
  readonly hint: string;
}

const form = /^batch\s+(?<rows>\d[\d_]*)\s+of\s+(?<table>[\w$."]+)\s+by\s+(?<key>[\w$]+|"[^"]+")$/iu;
const example = "-- fairway: batch 1000 of orders by id";
const most = 100_000;

/** Whether a directive's words ask for batches, well formed or not. */
export const asksForBatches = (words: string): boolean => /^batch\b/iu.test(words);

/**
 * What `-- fairway: batch 1000 of orders by id` asks for; null where no comment does. The statement says with
 * `between $1 and $2` which rows it means, so that each batch is a transaction of its own and a row is never changed twice.
 */
export function batchOf(
  statements: readonly SqlStatement[],
): { readonly batch: Batch } | { readonly problem: BatchProblem } | null {
  const asked = statements.flatMap(({ comments }) =>
    comments.flatMap(({ text, place }) => {
      const [, words = ""] = /^fairway\s*:\s*([\s\S]*)$/iu.exec(text) ?? [];
      return asksForBatches(words.trim()) ? [{ words: words.trim(), place }] : [];
    }),
  );
  const [first, again] = asked;
  if (first === undefined) return null;
  const refuse = (message: string, place: SqlPlace, hint: string): { readonly problem: BatchProblem } => ({
    problem: { message, place, hint },
  });
  if (again !== undefined) return refuse("batches were asked for before", again.place, "one comment says it");
  const groups = form.exec(first.words)?.groups;
  const rows = Number((groups?.["rows"] ?? "").replaceAll("_", ""));
  if (groups === undefined || rows < 1 || rows > most)
    return refuse(
      `"${first.words}" does not say how many rows of which table by which column`,
      first.place,
      `write it like ${example}; ${most.toLocaleString("en")} rows at most`,
    );
  const [statement, ...after] = statements;
  if (statement === undefined) return null;
  if (!changesOf(statement.node).some((change) => ["update", "delete", "insert"].includes(change.do)))
    return refuse(
      "only UPDATE, DELETE and INSERT … SELECT can run in batches",
      statement.place,
      "take the comment away, and the migration runs as a whole",
    );
  if (!/\$1\b/u.test(statement.text) || !/\$2\b/u.test(statement.text))
    return refuse(
      "the statement does not say which rows a batch changes",
      statement.place,
      `add: where ${groups["key"]} between $1 and $2`,
    );
  return { batch: { rows, table: groups["table"] ?? "", key: groups["key"] ?? "", statement, after } };
}
