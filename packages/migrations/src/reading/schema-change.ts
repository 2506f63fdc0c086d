/** What fills a new column in the rows that are there. */
export type Filling = "nothing" | "constant" | "computed";

/** A column as a statement adds it. */
export interface NewColumn {
  readonly name: string;
  /** As PostgreSQL names it, with its length: `varchar(20)`, `int4`, `timestamptz`. */
  readonly type: string;
  readonly notNull: boolean;
  readonly filling: Filling;
  readonly constraints: readonly ConstraintKind[];
}

export type ConstraintKind = "primary key" | "unique" | "foreign key" | "check" | "exclude" | "not null";

/** What a statement does, without the grammar: what rules are asked about. Tables of `public` go without their schema. */
export type SchemaChange =
  | {
      readonly do: "create table";
      readonly table: string;
      readonly columns: readonly NewColumn[];
      readonly references: readonly string[];
      /** Has a primary key that is not written at a column, or takes its columns from elsewhere. */
      readonly keyed: boolean;
      /** Filled by a query at once. */
      readonly filled: boolean;
    }
  | { readonly do: "drop table"; readonly table: string }
  | { readonly do: "add column"; readonly table: string; readonly column: NewColumn }
  | { readonly do: "drop column"; readonly table: string; readonly column: string }
  | {
      readonly do: "change type";
      readonly table: string;
      readonly column: string;
      readonly type: string;
      readonly computed: boolean;
    }
  | { readonly do: "set not null"; readonly table: string; readonly column: string }
  | { readonly do: "drop not null"; readonly table: string; readonly column: string }
  | { readonly do: "set default"; readonly table: string; readonly column: string }
  | { readonly do: "drop default"; readonly table: string; readonly column: string }
  | {
      readonly do: "add constraint";
      readonly table: string;
      readonly name: string | null;
      readonly kind: ConstraintKind;
      readonly notValid: boolean;
      /** From an index that is there already. */
      readonly usingIndex: boolean;
      readonly references: string | null;
      /** The column that a check of the form `x IS NOT NULL` proves. */
      readonly proves: string | null;
    }
  | { readonly do: "validate constraint"; readonly table: string; readonly name: string }
  | { readonly do: "drop constraint"; readonly table: string; readonly name: string }
  | {
      readonly do: "rename";
      readonly what: "table" | "column" | "view" | "type" | "schema" | "other";
      readonly name: string;
      readonly to: string;
      readonly table: string | null;
    }
  | { readonly do: "move to schema"; readonly table: string }
  | { readonly do: "rewrite table"; readonly table: string; readonly how: string }
  | { readonly do: "attach partition"; readonly table: string; readonly partition: string }
  | { readonly do: "detach partition"; readonly table: string; readonly concurrently: boolean }
  | { readonly do: "inherit"; readonly table: string }
  | {
      readonly do: "create index";
      readonly table: string;
      readonly name: string | null;
      readonly concurrently: boolean;
      readonly unique: boolean;
      readonly ifNotExists: boolean;
    }
  | { readonly do: "drop index"; readonly name: string; readonly concurrently: boolean }
  | { readonly do: "reindex"; readonly name: string; readonly concurrently: boolean }
  | { readonly do: "vacuum full"; readonly table: string }
  | { readonly do: "refresh view"; readonly view: string; readonly concurrently: boolean }
  | { readonly do: "create trigger"; readonly table: string; readonly name: string }
  | { readonly do: "disable trigger"; readonly table: string }
  | { readonly do: "add enum value"; readonly type: string; readonly value: string }
  | { readonly do: "rename enum value"; readonly type: string; readonly value: string }
  | { readonly do: "create"; readonly what: string; readonly replace: boolean }
  | { readonly do: "drop"; readonly what: string; readonly name: string }
  | { readonly do: "insert"; readonly table: string }
  | { readonly do: "update"; readonly table: string; readonly everyRow: boolean }
  | { readonly do: "delete"; readonly table: string; readonly everyRow: boolean }
  | { readonly do: "truncate"; readonly table: string }
  | { readonly do: "lock table"; readonly table: string }
  | { readonly do: "set"; readonly variable: string; readonly value: string | null; readonly local: boolean }
  | { readonly do: "transaction"; readonly which: "begin" | "commit" | "rollback" | "savepoint" }
  | { readonly do: "select" }
  /** Changes settings that neither programs nor rows notice: comments, rights, statistics, owners. */
  | { readonly do: "describe" }
  /** Runs code that is not looked into. */
  | { readonly do: "run code"; readonly how: string }
  /** Something of PostgreSQL that this list has no word for. */
  | { readonly do: "other"; readonly what: string };
