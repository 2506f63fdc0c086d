import type { AlterTableCmd, AlterTableStmt, Constraint } from "@pgsql/types";
import { tableName, typeName, wordsOf } from "./names.ts";
import { kindOf, newColumn } from "./new-column.ts";
import type { SchemaChange } from "./schema-change.ts";

/** What an ALTER TABLE does, a change for each of its parts. */
export function changesOfAlter({ relation, cmds = [], objtype }: AlterTableStmt): readonly SchemaChange[] {
  const table = tableName(relation);
  if (objtype !== "OBJECT_TABLE" && objtype !== "OBJECT_FOREIGN_TABLE")
    return cmds.map(() => ({ do: "describe" }) as const);
  return cmds.flatMap((command) => ("AlterTableCmd" in command ? changesOfPart(table, command.AlterTableCmd) : []));
}

function changesOfPart(table: string, command: AlterTableCmd): readonly SchemaChange[] {
  const column = command.name ?? "?";
  const { def } = command;
  switch (command.subtype) {
    case "AT_AddColumn":
      return def !== undefined && "ColumnDef" in def
        ? [{ do: "add column", table, column: newColumn(def.ColumnDef) }]
        : [];
    case "AT_DropColumn":
      return [{ do: "drop column", table, column }];
    case "AT_AlterColumnType": {
      const to = def !== undefined && "ColumnDef" in def ? def.ColumnDef : {};
      return [
        { do: "change type", table, column, type: typeName(to.typeName), computed: to.raw_default !== undefined },
      ];
    }
    case "AT_SetNotNull":
      return [{ do: "set not null", table, column }];
    case "AT_DropNotNull":
      return [{ do: "drop not null", table, column }];
    case "AT_ColumnDefault":
      return [{ do: def === undefined ? "drop default" : "set default", table, column }];
    case "AT_AddConstraint":
      return def !== undefined && "Constraint" in def ? constraintOf(table, def.Constraint) : [];
    case "AT_ValidateConstraint":
      return [{ do: "validate constraint", table, name: column }];
    case "AT_DropConstraint":
      return [{ do: "drop constraint", table, name: column }];
    case "AT_AddIdentity":
      return [{ do: "set default", table, column }];
    case "AT_DropIdentity":
    case "AT_DropExpression":
      return [{ do: "drop default", table, column }];
    case "AT_SetExpression":
      return [{ do: "rewrite table", table, how: "SET EXPRESSION" }];
    case "AT_SetLogged":
      return [{ do: "rewrite table", table, how: "SET LOGGED" }];
    case "AT_SetUnLogged":
      return [{ do: "rewrite table", table, how: "SET UNLOGGED" }];
    case "AT_SetTableSpace":
      return [{ do: "rewrite table", table, how: "SET TABLESPACE" }];
    case "AT_SetAccessMethod":
      return [{ do: "rewrite table", table, how: "SET ACCESS METHOD" }];
    case "AT_AttachPartition":
      return def !== undefined && "PartitionCmd" in def
        ? [{ do: "attach partition", table, partition: tableName(def.PartitionCmd.name) }]
        : [];
    case "AT_DetachPartition":
      return [
        {
          do: "detach partition",
          table,
          concurrently: def !== undefined && "PartitionCmd" in def && (def.PartitionCmd.concurrent ?? false),
        },
      ];
    case "AT_AddInherit":
    case "AT_DropInherit":
      return [{ do: "inherit", table }];
    case "AT_DisableTrig":
    case "AT_DisableTrigAll":
    case "AT_DisableTrigUser":
      return [{ do: "disable trigger", table }];
    default:
      return [{ do: "describe" }];
  }
}

function constraintOf(table: string, constraint: Constraint): readonly SchemaChange[] {
  const kind = kindOf(constraint.contype);
  if (kind === undefined) return [{ do: "describe" }];
  return [
    {
      do: "add constraint",
      table,
      name: constraint.conname ?? null,
      kind,
      notValid: constraint.skip_validation ?? false,
      usingIndex: constraint.indexname !== undefined,
      references: constraint.pktable === undefined ? null : tableName(constraint.pktable),
      proves: provenBy(constraint),
    },
  ];
}

/** `check (x is not null)` proves that a column has no nulls, so that SET NOT NULL need not read the table. */
function provenBy({ raw_expr: expression }: Constraint): string | null {
  if (expression === undefined || !("NullTest" in expression)) return null;
  const { arg, nulltesttype } = expression.NullTest;
  if (nulltesttype !== "IS_NOT_NULL" || arg === undefined || !("ColumnRef" in arg)) return null;
  return wordsOf(arg.ColumnRef.fields).at(-1) ?? null;
}
