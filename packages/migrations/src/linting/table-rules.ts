import type { LintRule } from "./rule.ts";
import { isUsed } from "./rule.ts";

/** About whole tables and other things that programs know by their names. */
export const tableRules: readonly LintRule[] = [
  {
    id: "drop-table",
    severity: "warning",
    why: "Old programs that still use the table fail, and its rows are gone for good.",
    instead: "drop it in a migration of its own, after the last release that uses it can no longer come back",
    find: (change, seen) =>
      change.do === "drop table" && isUsed(change.table, seen) ? `${change.table} and its rows are gone` : null,
  },
  {
    id: "rename-table",
    severity: "error",
    why: "Old programs know the old name and new ones the new: one of them fails whatever the order.",
    instead: "rename it and make a view of the old name in the same transaction; drop the view later",
    find: (change, seen) =>
      change.do === "rename" && ["table", "view"].includes(change.what) && isUsed(change.name, seen)
        ? `${change.name} is gone for old programs`
        : null,
  },
  {
    id: "rename-type",
    severity: "error",
    why: "Old programs and functions that name the type or schema fail.",
    instead: "make the new one beside it, move over, and drop the old one later",
    find: (change) =>
      change.do === "rename" && ["type", "schema"].includes(change.what)
        ? `the ${change.what} ${change.name} is gone for old programs`
        : null,
  },
  {
    id: "move-table",
    severity: "error",
    why: "Old programs look for the table in the schema where it was.",
    instead: "make a view in the old schema in the same transaction; drop the view later",
    find: (change, seen) =>
      change.do === "move to schema" && isUsed(change.table, seen) ? `${change.table} is gone from its schema` : null,
  },
  {
    id: "drop-schema",
    severity: "warning",
    why: "Everything in a schema or database goes with it, for good.",
    instead: "drop what is in it one by one, after the last release that uses it can no longer come back",
    find: (change) =>
      change.do === "drop" && ["schema", "database", "everything owned"].includes(change.what)
        ? `${change.what} ${change.name} goes with everything in it`.replace("  ", " ")
        : null,
  },
  {
    id: "drop-used-object",
    severity: "warning",
    why: "Old programs that use the view, function, type or sequence fail.",
    instead: "drop it after the last release that uses it can no longer come back",
    find: (change) =>
      change.do === "drop" &&
      ["view", "matview", "function", "procedure", "type", "domain", "sequence"].includes(change.what)
        ? `the ${change.what === "matview" ? "materialized view" : change.what} ${change.name} is gone for old programs`
        : null,
  },
  {
    id: "rename-enum-value",
    severity: "error",
    why: "Old programs write and expect the old value.",
    instead: "add the new value, write it, change the rows, and leave the old one",
    find: (change) =>
      change.do === "rename enum value" ? `old programs still know '${change.value}' of ${change.type}` : null,
  },
  {
    id: "enum-value-used-at-once",
    severity: "error",
    why: "PostgreSQL refuses a new value of an enum in the transaction that added it.",
    instead: "add the value in a migration of its own",
    find: (change, seen) =>
      seen.enumValues.size > 0 && ["insert", "update"].includes(change.do)
        ? `the value ${[...seen.enumValues].map((value) => `'${value}'`).join(", ")} may not be used before this transaction has ended`
        : null,
  },
  {
    id: "table-rewrite",
    severity: "error",
    why: "The whole table is written anew while nobody can read it.",
    instead: "make a new table and move the rows over in batches, or use pg_repack",
    find: (change, seen) => {
      if (change.do === "vacuum full") return `VACUUM FULL writes the whole of ${change.table} anew`;
      return change.do === "rewrite table" && isUsed(change.table, seen)
        ? `${change.how} writes the whole of ${change.table} anew`
        : null;
    },
  },
  {
    id: "table-without-primary-key",
    severity: "warning",
    why: "Without a key rows cannot be told apart: no batches, no logical replication, no way to mend one row.",
    instead: "give it a primary key",
    find: (change) =>
      change.do === "create table" &&
      change.columns.length > 0 &&
      !change.columns.some(({ constraints }) => constraints.includes("primary key")) &&
      !change.keyed
        ? `${change.table} has no primary key`
        : null,
  },
  {
    id: "create-table-filled",
    severity: "warning",
    why: "CREATE TABLE AS holds its snapshot as long as it fills, and the table has neither keys nor defaults.",
    instead: "create the table, then fill it in batches",
    find: (change) =>
      change.do === "create table" && change.filled ? `${change.table} is filled by the statement that makes it` : null,
  },
];
