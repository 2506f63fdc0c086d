import type { LintRule } from "./rule.ts";
import { isUsed } from "./rule.ts";
import { lockedBy } from "./seen.ts";

/** About locks, rows in bulk and transactions. */
export const lockRules: readonly LintRule[] = [
  {
    id: "missing-lock-timeout",
    severity: "warning",
    why: "A statement that waits for its lock makes everybody behind it wait too, for as long as the query that holds it runs.",
    instead: "SET lock_timeout = '5s' first; Fairway sets it where it runs the migration itself",
    find: (change, seen) => {
      const table = lockedBy(change);
      return table !== null && isUsed(table, seen) && !seen.lockTimeout
        ? `waiting for the lock of ${table} has no end, and everybody else waits behind it`
        : null;
    },
  },
  {
    id: "several-tables-locked",
    severity: "warning",
    why: "A transaction keeps every lock until it ends: with two tables it waits for the second with the first locked, and may deadlock with programs that use them in the other order.",
    instead: "a migration for each table",
    find: (change, seen) => {
      const table = lockedBy(change);
      const others = [...seen.locked].filter((other) => other !== table && isUsed(other, seen));
      return table !== null && seen.transaction && isUsed(table, seen) && others.length === 1 && !seen.locked.has(table)
        ? `${others.join(", ")} stays locked while this waits for ${table}`
        : null;
    },
  },
  {
    id: "rows-changed-under-lock",
    severity: "error",
    why: "Rows are changed while this transaction keeps everybody from the table.",
    instead: "change the rows in a migration of its own, in batches",
    find: (change, seen) =>
      (change.do === "update" || change.do === "delete") && seen.locked.has(change.table) && isUsed(change.table, seen)
        ? `${change.table} is locked by a statement before, until all these rows are changed`
        : null,
  },
  {
    id: "schema-changed-after-rows",
    severity: "warning",
    why: "A transaction that has changed rows keeps them locked, and then waits for the lock of a table with them.",
    instead: "change rows and schema in migrations of their own",
    find: (change, seen) => {
      const table = lockedBy(change);
      return seen.changedRows && table !== null && isUsed(table, seen)
        ? `the rows that were changed stay locked while this waits for ${table}`
        : null;
    },
  },
  {
    id: "every-row-at-once",
    severity: "error",
    why: "One statement over every row keeps them all locked until it ends, fills the log and leaves as many dead rows as there were.",
    instead: "in batches of some thousand rows, each with a commit of its own",
    find: (change, seen) =>
      (change.do === "update" || change.do === "delete") && change.everyRow && isUsed(change.table, seen)
        ? `every row of ${change.table} is ${change.do === "update" ? "changed" : "deleted"} by one statement`
        : null,
  },
  {
    id: "truncate",
    severity: "error",
    why: "Every row goes for good, and TRUNCATE locks the table against readers too.",
    instead: "delete in batches what is no longer needed, after a backup",
    find: (change, seen) =>
      change.do === "truncate" && isUsed(change.table, seen) ? `every row of ${change.table} is gone for good` : null,
  },
  {
    id: "lock-table",
    severity: "warning",
    why: "LOCK TABLE keeps others out for the rest of the transaction.",
    instead: "let each statement take the lock that it needs",
    find: (change) => (change.do === "lock table" ? `${change.table} is locked until the transaction ends` : null),
  },
  {
    id: "disable-trigger",
    severity: "warning",
    why: "Rows that programs write meanwhile go past the trigger, and past foreign keys where all are disabled.",
    instead: "SET LOCAL session_replication_role = replica, which counts for this session only",
    find: (change) =>
      change.do === "disable trigger" ? `triggers of ${change.table} do not fire for anybody meanwhile` : null,
  },
  {
    id: "create-trigger-on-used-table",
    severity: "warning",
    why: "Old programs run into the trigger too, at the next row that they write.",
    instead: "release it as what it is: a change for programs that are already there",
    find: (change, seen) =>
      change.do === "create trigger" && isUsed(change.table, seen)
        ? `every program that writes to ${change.table} runs ${change.name} from now on`
        : null,
  },
  {
    id: "transaction-within-migration",
    severity: "warning",
    why: "The tool has opened a transaction already: COMMIT ends it in the middle, and what comes after is not undone when it fails.",
    instead: "leave BEGIN and COMMIT to the tool, or tell it to run this migration outside of a transaction",
    find: (change, seen) =>
      change.do === "transaction" && change.which !== "savepoint" && seen.wrapped
        ? `${change.which.toUpperCase()} within the transaction of the tool`
        : null,
  },
  {
    id: "code-that-cannot-be-read",
    severity: "warning",
    why: "What a block of code does is known when it runs, and not before.",
    instead: "write the statements out, or say what it does: -- fairway: expand",
    find: (change) => (change.do === "run code" ? `nobody can tell what this ${change.how} changes` : null),
  },
];
