import type { SchemaChange } from "../reading/schema-change.ts";
import type { Seen } from "./seen.ts";

/**
 * A way in which a migration hurts those who use the database meanwhile. The rules follow what PostgreSQL's documentation
 * says of each command's locks and rewrites (https://www.postgresql.org/docs/current/sql-altertable.html and
 * https://www.postgresql.org/docs/current/explicit-locking.html).
 */
export interface LintRule {
  readonly id: string;
  /** *error*: users notice it at once on a table of some size. *warning*: it is a habit that ends badly. */
  readonly severity: "error" | "warning";
  /** What happens, and to whom. */
  readonly why: string;
  /** How the same is done without it. */
  readonly instead: string;
  /** What this change does wrong, as a sentence for people; null when nothing. */
  find(change: SchemaChange, seen: Seen): string | null;
}

/** Whether others may use the table while the migration runs: one that it made itself is used by nobody yet. */
export const isUsed = (table: string, seen: Seen): boolean => !seen.fresh.has(table);
