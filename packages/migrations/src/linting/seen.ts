import type { SchemaChange } from "../reading/schema-change.ts";

/** What is known of the schema from the migrations before, by `table.column`. */
export interface KnownSchema {
  readonly types: ReadonlyMap<string, string>;
  /** Columns that a valid check proves to be without nulls. */
  readonly proven: ReadonlySet<string>;
  /** Columns that checks are to prove once they are valid, by the name of the check. */
  readonly claims: ReadonlyMap<string, string>;
}

export const unknownSchema: KnownSchema = { types: new Map(), proven: new Set(), claims: new Map() };

/** What has happened so far in a migration, as far as rules ask for it. */
export interface Seen {
  readonly schema: KnownSchema;
  /** Tables that this migration made: nobody uses them yet. */
  readonly fresh: ReadonlySet<string>;
  /** Whether the next statement runs in a transaction. */
  readonly transaction: boolean;
  /** Whether the migration's own tool opened that transaction. */
  readonly wrapped: boolean;
  /** Whether waiting for a lock has an end. */
  readonly lockTimeout: boolean;
  /** Tables that this transaction keeps others from, with what it did to them. */
  readonly locked: ReadonlySet<string>;
  /** Constraints that this transaction added without looking at the rows. */
  readonly notValid: ReadonlySet<string>;
  /** Values that this transaction added to enums. */
  readonly enumValues: ReadonlySet<string>;
  /** Whether this transaction changed many rows. */
  readonly changedRows: boolean;
}

/** Before the first statement. */
export const seenNothing = (schema: KnownSchema, transaction: boolean): Seen => ({
  schema,
  fresh: new Set(),
  transaction,
  wrapped: transaction,
  lockTimeout: false,
  locked: new Set(),
  notValid: new Set(),
  enumValues: new Set(),
  changedRows: false,
});

/** The table that a change keeps all readers and writers, or all writers, from while it runs; null when it keeps nobody. */
export function lockedBy(change: SchemaChange): string | null {
  switch (change.do) {
    case "drop table":
    case "add column":
    case "drop column":
    case "change type":
    case "set not null":
    case "drop not null":
    case "set default":
    case "drop default":
    case "add constraint":
    case "drop constraint":
    case "move to schema":
    case "rewrite table":
    case "attach partition":
    case "inherit":
    case "vacuum full":
    case "create trigger":
    case "disable trigger":
    case "truncate":
    case "lock table":
      return change.table;
    case "detach partition":
    case "create index":
      return change.concurrently ? null : change.table;
    case "rename":
      return change.what === "table" || change.what === "column" ? change.table : null;
    case "refresh view":
      return change.concurrently ? null : change.view;
    default:
      return null;
  }
}

/** What has happened once a change has, too. */
export function after(seen: Seen, change: SchemaChange): Seen {
  const lock = seen.transaction ? lockedBy(change) : null;
  const next = lock === null ? seen : { ...seen, locked: new Set([...seen.locked, lock]) };
  switch (change.do) {
    case "create table":
      return {
        ...next,
        fresh: new Set([...seen.fresh, change.table]),
        schema: withTypes(
          seen.schema,
          change.columns.map(({ name, type }) => [`${change.table}.${name}`, type]),
        ),
      };
    case "add column":
      return {
        ...next,
        schema: withTypes(seen.schema, [[`${change.table}.${change.column.name}`, change.column.type]]),
      };
    case "change type":
      return { ...next, schema: withTypes(seen.schema, [[`${change.table}.${change.column}`, change.type]]) };
    case "add constraint": {
      const { name, proves, notValid, table } = change;
      const marked = notValid && name !== null ? { ...next, notValid: new Set([...seen.notValid, name]) } : next;
      if (proves === null) return marked;
      const column = `${table}.${proves}`;
      if (!notValid) return { ...marked, schema: withProof(seen.schema, column) };
      return name === null
        ? marked
        : { ...marked, schema: { ...seen.schema, claims: new Map([...seen.schema.claims, [name, column]]) } };
    }
    case "validate constraint": {
      const column = seen.schema.claims.get(change.name);
      return column === undefined ? next : { ...next, schema: withProof(seen.schema, column) };
    }
    case "add enum value":
      return seen.transaction ? { ...next, enumValues: new Set([...seen.enumValues, change.value]) } : next;
    case "update":
    case "delete":
      return { ...next, changedRows: seen.transaction };
    case "set":
      // 0 is PostgreSQL's way to say: wait for ever.
      return change.variable === "lock_timeout"
        ? { ...next, lockTimeout: change.value !== null && !/^0\D*$/u.test(change.value) }
        : next;
    case "transaction":
      if (change.which === "savepoint") return next;
      return {
        ...next,
        transaction: change.which === "begin",
        wrapped: change.which === "begin" && seen.wrapped,
        locked: new Set(),
        notValid: new Set(),
        enumValues: new Set(),
        changedRows: false,
      };
    default:
      return next;
  }
}

const withTypes = (schema: KnownSchema, types: readonly (readonly [string, string])[]): KnownSchema =>
  types.length === 0 ? schema : { ...schema, types: new Map([...schema.types, ...types]) };

const withProof = (schema: KnownSchema, column: string): KnownSchema => ({
  ...schema,
  proven: new Set([...schema.proven, column]),
});
