import type { MigrationClass } from "@fairway/core";
import type { Seen } from "../linting/seen.ts";
import { isFreeTypeChange } from "../linting/type-change.ts";
import type { SchemaChange } from "../reading/schema-change.ts";

/** What one change asks of the programs that use the schema, and why when it is more than nothing. */
export interface ChangeClass {
  readonly class: MigrationClass;
  readonly reason: string | null;
}

const expand: ChangeClass = { class: "expand", reason: null };
const because = (of: MigrationClass, reason: string): ChangeClass => ({ class: of, reason });

/** Judges one change by what programs that were written for the schema before meet after it. */
export function classOfChange(change: SchemaChange, seen: Seen): ChangeClass {
  const isFresh = (table: string): boolean => seen.fresh.has(table);
  switch (change.do) {
    case "create table":
    case "create index":
    case "validate constraint":
    case "drop not null":
    case "set default":
    case "add enum value":
    case "reindex":
    case "refresh view":
    case "vacuum full":
    case "rewrite table":
    case "attach partition":
    case "lock table":
    case "set":
    case "transaction":
    case "select":
    case "describe":
      return expand;
    case "create":
      return change.replace ? because("unknown", `a ${change.what} is replaced by another one of its name`) : expand;
    case "add column": {
      const { table, column } = change;
      if (isFresh(table)) return expand;
      if (column.notNull && column.filling === "nothing")
        return because("contract", `old programs do not fill ${table}.${column.name}, which is required`);
      return column.constraints.length === 0 || column.constraints.every((kind) => kind === "foreign key")
        ? expand
        : because("contract", `old programs may break the constraint of ${table}.${column.name}`);
    }
    case "add constraint":
      return isFresh(change.table)
        ? expand
        : because("contract", `old programs may write rows that the ${change.kind} of ${change.table} refuses`);
    case "set not null":
      return isFresh(change.table)
        ? expand
        : because("contract", `old programs may leave ${change.table}.${change.column} empty`);
    case "drop default":
      return isFresh(change.table)
        ? expand
        : because("contract", `old programs may rely on the default of ${change.table}.${change.column}`);
    case "change type":
      return isFresh(change.table) ||
        isFreeTypeChange(seen.schema.types.get(`${change.table}.${change.column}`), change)
        ? expand
        : because(
            "irreversible",
            `values of ${change.table}.${change.column} become ${change.type}, and not the same back`,
          );
    case "drop constraint":
      return because("contract", `the constraint ${change.name} of ${change.table} no longer holds`);
    case "drop index":
      return because("contract", `old programs may need the index ${change.name} to be quick`);
    case "rename":
      return change.what === "other" || (change.table !== null && isFresh(change.table))
        ? expand
        : because("contract", `old programs know the ${change.what} ${change.name} by its old name`);
    case "rename enum value":
      return because("contract", `old programs know '${change.value}' of ${change.type} by its old name`);
    case "move to schema":
      return because("contract", `old programs look for ${change.table} where it was`);
    case "detach partition":
    case "inherit":
      return because("contract", `rows leave or join ${change.table}`);
    case "create trigger":
      return isFresh(change.table)
        ? expand
        : because("unknown", `old programs that write to ${change.table} run ${change.name}`);
    case "disable trigger":
      return because("unknown", `triggers of ${change.table} do not fire`);
    case "insert":
      return because("data", `rows are added to ${change.table}`);
    case "update":
      return because("data", `rows of ${change.table} are changed`);
    case "delete":
      return isFresh(change.table)
        ? because("data", `rows of ${change.table} are deleted`)
        : because("irreversible", `rows of ${change.table} are deleted`);
    case "truncate":
      return because("irreversible", `every row of ${change.table} is deleted`);
    case "drop table":
      return isFresh(change.table) ? expand : because("irreversible", `${change.table} goes with its rows`);
    case "drop column":
      return isFresh(change.table)
        ? expand
        : because("irreversible", `${change.table}.${change.column} goes with its values`);
    case "drop":
      return ["schema", "database", "everything owned", "sequence"].includes(change.what)
        ? because("irreversible", `the ${change.what} ${change.name} goes with what is in it`)
        : because("contract", `old programs may use the ${change.what} ${change.name}`);
    case "run code":
      return because("unknown", `nobody can tell what this ${change.how} changes`);
    case "other":
      return because("unknown", `${change.what} is not known to Fairway`);
  }
}
