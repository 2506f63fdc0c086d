import type { LintRule } from "./rule.ts";
import { isUsed } from "./rule.ts";
import { isFreeTypeChange } from "./type-change.ts";

/** About columns: which of them cost a rewrite, and which break programs that know the table as it was. */
export const columnRules: readonly LintRule[] = [
  {
    id: "add-required-column",
    severity: "error",
    why: "A column that is NOT NULL and has no default cannot be added to a table with rows, and old programs that insert into it fail.",
    instead: "add it without NOT NULL or with a default, fill it in batches, and require it in a later migration",
    find: (change, seen) =>
      change.do === "add column" &&
      isUsed(change.table, seen) &&
      change.column.notNull &&
      change.column.filling === "nothing"
        ? `${change.table}.${change.column.name} is required, and nothing fills it`
        : null,
  },
  {
    id: "add-column-rewrites-table",
    severity: "error",
    why: "A default that differs from row to row (a random value, a sequence, an identity, a stored expression) is written into every row while nobody can read the table.",
    instead: "add the column without it, set the default in a second statement, and fill the old rows in batches",
    find: (change, seen) =>
      change.do === "add column" && isUsed(change.table, seen) && change.column.filling === "computed"
        ? `every row of ${change.table} is rewritten for ${change.column.name}`
        : null,
  },
  {
    id: "add-column-with-constraint",
    severity: "error",
    why: "A constraint within ADD COLUMN is proven, or its index built, while nobody can use the table.",
    instead: "add the column alone; then the index CONCURRENTLY, or the constraint NOT VALID and VALIDATE it later",
    find: (change, seen) =>
      change.do === "add column" && isUsed(change.table, seen) && change.column.constraints.length > 0
        ? `${change.table}.${change.column.name} comes with a constraint: ${change.column.constraints.join(", ")}`
        : null,
  },
  {
    id: "change-column-type",
    severity: "error",
    why: "Most changes of a type rewrite the whole table and its indexes while nobody can read it, and old programs meet a type that they do not know.",
    instead: "add a second column of the new type, write both, fill it in batches, and drop the old one later",
    find: (change, seen) =>
      change.do === "change type" &&
      isUsed(change.table, seen) &&
      !isFreeTypeChange(seen.schema.types.get(`${change.table}.${change.column}`), change)
        ? `every row of ${change.table} is rewritten as ${change.column} becomes ${change.type}`
        : null,
  },
  {
    id: "set-not-null",
    severity: "error",
    why: "SET NOT NULL reads the whole table while nobody can use it, and old programs that leave the column out fail.",
    instead:
      "add CHECK (column IS NOT NULL) NOT VALID, VALIDATE it in a later migration, then SET NOT NULL and drop the check",
    find: (change, seen) =>
      change.do === "set not null" &&
      isUsed(change.table, seen) &&
      !seen.schema.proven.has(`${change.table}.${change.column}`)
        ? `the whole of ${change.table} is read, with everybody locked out, to look for nulls in ${change.column}`
        : null,
  },
  {
    id: "drop-not-null",
    severity: "warning",
    why: "Programs that were promised a value meet nulls, also after a rollback.",
    instead: "release programs that can take a null first",
    find: (change, seen) =>
      change.do === "drop not null" && isUsed(change.table, seen)
        ? `old programs may meet a null in ${change.table}.${change.column}`
        : null,
  },
  {
    id: "drop-column",
    severity: "warning",
    why: "Old programs that still name the column fail, and its values are gone for good.",
    instead: "drop it in a migration of its own, after the last release that uses it can no longer come back",
    find: (change, seen) =>
      change.do === "drop column" && isUsed(change.table, seen)
        ? `${change.table}.${change.column} and its values are gone`
        : null,
  },
  {
    id: "rename-column",
    severity: "error",
    why: "Old programs know the old name and new ones the new: one of them fails whatever the order.",
    instead: "add a second column, write both, fill it in batches, and drop the old one later",
    find: (change, seen) =>
      change.do === "rename" && change.what === "column" && change.table !== null && isUsed(change.table, seen)
        ? `${change.table}.${change.name} is gone for old programs`
        : null,
  },
  {
    id: "drop-default",
    severity: "warning",
    why: "Old programs that leave the column out now write a null, or fail where none is allowed.",
    instead: "drop the default after the last release that relies on it",
    find: (change, seen) =>
      change.do === "drop default" && isUsed(change.table, seen)
        ? `${change.table}.${change.column} is no longer filled`
        : null,
  },
  {
    id: "json-column",
    severity: "warning",
    why: "json has no equality, so that SELECT DISTINCT and UNION of old queries fail, and it cannot be indexed.",
    instead: "use jsonb",
    find: (change) => namedColumn(change, (type) => type === "json", "is json, which cannot be compared"),
  },
  {
    id: "timestamp-without-time-zone",
    severity: "warning",
    why: "A timestamp without time zone means another moment to each session with another time zone.",
    instead: "use timestamptz",
    find: (change) => namedColumn(change, (type) => /^timestamp(?:\(|$)/u.test(type), "has no time zone"),
  },
  {
    id: "fixed-length-text",
    severity: "warning",
    why: "char(n) is filled with blanks, which no comparison of text expects.",
    instead: "use text, with a check where a length matters",
    find: (change) => namedColumn(change, (type) => type.startsWith("bpchar"), "is filled with blanks"),
  },
  {
    id: "small-primary-key",
    severity: "warning",
    why: "A key of 32 bits is used up after 2,147,483,647 rows, and making it wider rewrites the table.",
    instead: "use bigint, or a uuid",
    find: (change) =>
      change.do === "create table"
        ? shown(
            change.table,
            change.columns.find(
              ({ constraints, type }) =>
                constraints.includes("primary key") && /^(?:int[24]|serial[24]?|smallserial)$/u.test(type),
            )?.name,
            "is a key of 32 bits",
          )
        : null,
  },
];

const shown = (table: string, column: string | undefined, what: string): string | null =>
  column === undefined ? null : `${table}.${column} ${what}`;

/** What is to be said of the first new column whose type has a fault. */
function namedColumn(
  change: Parameters<LintRule["find"]>[0],
  isFaulty: (type: string) => boolean,
  what: string,
): string | null {
  switch (change.do) {
    case "create table":
      return shown(change.table, change.columns.find(({ type }) => isFaulty(type))?.name, what);
    case "add column":
      return isFaulty(change.column.type) ? shown(change.table, change.column.name, what) : null;
    default:
      return null;
  }
}
