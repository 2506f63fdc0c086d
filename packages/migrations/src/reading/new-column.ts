import type { ColumnDef, Constraint, Node } from "@pgsql/types";
import { dotted, typeName, wordsOf } from "./names.ts";
import type { ConstraintKind, Filling, NewColumn } from "./schema-change.ts";

const serials = new Set(["serial", "serial2", "serial4", "serial8", "smallserial", "bigserial"]);

/** Functions whose answer is the same for every row, so that PostgreSQL keeps it once for all rows that are there. */
const steady = new Set(
  "now transaction_timestamp statement_timestamp current_setting lower upper concat to_jsonb jsonb_build_object jsonb_build_array json_build_object array_fill make_interval make_date make_timestamp make_timestamptz timezone date_trunc to_char to_date to_timestamp md5 decode encode repeat pg_backend_pid current_database current_schema".split(
    " ",
  ),
);

/** The column that a statement adds. */
export function newColumn(def: ColumnDef): NewColumn {
  const constraints = constraintsOf(def);
  const type = typeName(def.typeName);
  const kinds = constraints.flatMap(({ contype }) => kindOf(contype) ?? []);
  return {
    name: def.colname ?? "?",
    type,
    notNull: kinds.includes("not null") || kinds.includes("primary key"),
    filling: fillingOf(type, constraints),
    constraints: kinds.filter((kind) => kind !== "not null"),
  };
}

/** The tables that a column refers to. */
export const referencesOf = (def: ColumnDef): readonly string[] =>
  constraintsOf(def).flatMap(({ pktable }) =>
    pktable === undefined ? [] : [dotted([...named(pktable.schemaname), ...named(pktable.relname)])],
  );

const named = (word: string | undefined): readonly Node[] => (word === undefined ? [] : [{ String: { sval: word } }]);

const constraintsOf = ({ constraints = [] }: ColumnDef): readonly Constraint[] =>
  constraints.flatMap((node) => ("Constraint" in node ? [node.Constraint] : []));

/** What a constraint is, in the words of SQL; undefined for what constrains nothing, such as a default. */
export function kindOf(contype: Constraint["contype"]): ConstraintKind | undefined {
  switch (contype) {
    case "CONSTR_NOTNULL":
      return "not null";
    case "CONSTR_PRIMARY":
      return "primary key";
    case "CONSTR_UNIQUE":
      return "unique";
    case "CONSTR_FOREIGN":
      return "foreign key";
    case "CONSTR_CHECK":
      return "check";
    case "CONSTR_EXCLUSION":
      return "exclude";
    default:
      return undefined;
  }
}

function fillingOf(type: string, constraints: readonly Constraint[]): Filling {
  if (serials.has(type)) return "computed";
  for (const { contype, raw_expr: expression, generated_kind: kind } of constraints) {
    if (contype === "CONSTR_IDENTITY") return "computed";
    // Since PostgreSQL 18 a generated column may be virtual: it is computed when it is read.
    if (contype === "CONSTR_GENERATED") return kind === "v" ? "constant" : "computed";
    if (contype === "CONSTR_DEFAULT" && expression !== undefined) return isSteady(expression) ? "constant" : "computed";
  }
  return "nothing";
}

/** Whether an expression gives every row the same. A function that is not known is taken not to. */
function isSteady(expression: Node): boolean {
  let found = true;
  JSON.stringify(expression, (key, value: unknown) => {
    if (key === "FuncCall") {
      const name = wordsOf((value as { funcname?: readonly Node[] }).funcname).at(-1) ?? "";
      if (!steady.has(name)) found = false;
    }
    return value;
  });
  return found;
}
