import type { Node, RawStmt, VariableSetStmt } from "@pgsql/types";
import { changesOfAlter } from "./changes-of-alter.ts";
import { changesOfDrop, changesOfRename } from "./changes-of-drop.ts";
import { dotted, tableName } from "./names.ts";
import { newColumn, referencesOf } from "./new-column.ts";
import type { SchemaChange } from "./schema-change.ts";

/** What one statement does, in the order in which it does it. */
export function changesOf(node: NonNullable<RawStmt["stmt"]>): readonly SchemaChange[] {
  return [...changesWithin(node), ...changesOfStatement(node)];
}

/** `with gone as (delete …)`: a statement in front of a statement. */
function changesWithin(node: Node): readonly SchemaChange[] {
  const body: { withClause?: { ctes?: readonly Node[] } } | undefined = Object.values(node)[0];
  return (body?.withClause?.ctes ?? []).flatMap((cte) => {
    const query = "CommonTableExpr" in cte ? cte.CommonTableExpr.ctequery : undefined;
    return query === undefined || "SelectStmt" in query ? [] : changesOf(query);
  });
}

function changesOfStatement(node: Node): readonly SchemaChange[] {
  if ("CreateStmt" in node) {
    const { relation, tableElts = [], constraints = [], partbound } = node.CreateStmt;
    const columns = tableElts.flatMap((element) => ("ColumnDef" in element ? [element.ColumnDef] : []));
    const apart = [...tableElts, ...constraints].flatMap((element) =>
      "Constraint" in element && element.Constraint.pktable !== undefined
        ? [tableName(element.Constraint.pktable)]
        : [],
    );
    const parent = node.CreateStmt.inhRelations?.[0];
    const table = tableName(relation);
    return [
      {
        do: "create table",
        table,
        columns: columns.map(newColumn),
        references: [...columns.flatMap(referencesOf), ...apart],
        keyed:
          [...tableElts, ...constraints].some(
            (element) =>
              "TableLikeClause" in element ||
              ("Constraint" in element && element.Constraint.contype === "CONSTR_PRIMARY"),
          ) || parent !== undefined,
        filled: false,
      },
      ...(partbound !== undefined && parent !== undefined && "RangeVar" in parent
        ? [{ do: "attach partition" as const, table: tableName(parent.RangeVar), partition: table }]
        : []),
    ];
  }
  if ("CreateTableAsStmt" in node) {
    const { into, objtype } = node.CreateTableAsStmt;
    if (objtype === "OBJECT_MATVIEW") return [{ do: "create", what: "materialized view", replace: false }];
    return [
      { do: "create table", table: tableName(into?.rel), columns: [], references: [], keyed: false, filled: true },
    ];
  }
  if ("AlterTableStmt" in node) return changesOfAlter(node.AlterTableStmt);
  if ("RenameStmt" in node) return changesOfRename(node.RenameStmt);
  if ("AlterObjectSchemaStmt" in node) {
    const { relation, object } = node.AlterObjectSchemaStmt;
    const name = relation === undefined && object !== undefined && "List" in object ? dotted(object.List.items) : "";
    return [{ do: "move to schema", table: relation === undefined ? name : tableName(relation) }];
  }
  if ("DropStmt" in node) return changesOfDrop(node.DropStmt);
  if ("DropdbStmt" in node) return [{ do: "drop", what: "database", name: node.DropdbStmt.dbname ?? "?" }];
  if ("DropOwnedStmt" in node) return [{ do: "drop", what: "everything owned", name: "" }];
  return changesOfIndexes(node) ?? changesOfRows(node) ?? changesOfRest(node);
}

function changesOfIndexes(node: Node): readonly SchemaChange[] | undefined {
  if ("IndexStmt" in node) {
    const { relation, idxname, concurrent, unique, if_not_exists: ifNotExists } = node.IndexStmt;
    return [
      {
        do: "create index",
        table: tableName(relation),
        name: idxname ?? null,
        concurrently: concurrent ?? false,
        unique: unique ?? false,
        ifNotExists: ifNotExists ?? false,
      },
    ];
  }
  if ("ReindexStmt" in node) {
    const { relation, name, params } = node.ReindexStmt;
    const shown = relation === undefined ? (name ?? "?") : tableName(relation);
    return [{ do: "reindex", name: shown, concurrently: hasOption(params, "concurrently") }];
  }
  if ("VacuumStmt" in node) {
    if (!hasOption(node.VacuumStmt.options, "full")) return [{ do: "describe" }];
    const tables = (node.VacuumStmt.rels ?? []).flatMap((one) =>
      "VacuumRelation" in one ? [tableName(one.VacuumRelation.relation)] : [],
    );
    return (tables.length > 0 ? tables : ["every table"]).map((table) => ({ do: "vacuum full", table }));
  }
  if ("ClusterStmt" in node)
    return [{ do: "rewrite table", table: tableName(node.ClusterStmt.relation), how: "CLUSTER" }];
  if ("RefreshMatViewStmt" in node) {
    const { relation, concurrent } = node.RefreshMatViewStmt;
    return [{ do: "refresh view", view: tableName(relation), concurrently: concurrent ?? false }];
  }
  return undefined;
}

function changesOfRows(node: Node): readonly SchemaChange[] | undefined {
  if ("InsertStmt" in node) return [{ do: "insert", table: tableName(node.InsertStmt.relation) }];
  if ("CopyStmt" in node) {
    const { relation, is_from: into } = node.CopyStmt;
    return [into ? { do: "insert", table: tableName(relation) } : { do: "select" }];
  }
  if ("UpdateStmt" in node) {
    const { relation, whereClause, fromClause } = node.UpdateStmt;
    const everyRow = whereClause === undefined && (fromClause ?? []).length === 0;
    return [{ do: "update", table: tableName(relation), everyRow }];
  }
  if ("DeleteStmt" in node) {
    const { relation, whereClause, usingClause } = node.DeleteStmt;
    const everyRow = whereClause === undefined && (usingClause ?? []).length === 0;
    return [{ do: "delete", table: tableName(relation), everyRow }];
  }
  if ("MergeStmt" in node) {
    const table = tableName(node.MergeStmt.relation);
    const deletes = (node.MergeStmt.mergeWhenClauses ?? []).some(
      (clause) => "MergeWhenClause" in clause && clause.MergeWhenClause.commandType === "CMD_DELETE",
    );
    return [{ do: deletes ? "delete" : "update", table, everyRow: false }];
  }
  if ("TruncateStmt" in node)
    return (node.TruncateStmt.relations ?? []).flatMap((one) =>
      "RangeVar" in one ? [{ do: "truncate" as const, table: tableName(one.RangeVar) }] : [],
    );
  if ("SelectStmt" in node) {
    const { intoClause } = node.SelectStmt;
    if (intoClause === undefined) return [{ do: "select" }];
    return [
      { do: "create table", table: tableName(intoClause.rel), columns: [], references: [], keyed: false, filled: true },
    ];
  }
  if ("LockStmt" in node)
    return (node.LockStmt.relations ?? []).flatMap((one) =>
      "RangeVar" in one ? [{ do: "lock table" as const, table: tableName(one.RangeVar) }] : [],
    );
  return undefined;
}

function changesOfRest(node: Node): readonly SchemaChange[] {
  if ("VariableSetStmt" in node) return [settingOf(node.VariableSetStmt)];
  if ("TransactionStmt" in node) return transactionOf(node.TransactionStmt.kind ?? "");
  if ("CreateTrigStmt" in node) {
    const { relation, trigname } = node.CreateTrigStmt;
    return [{ do: "create trigger", table: tableName(relation), name: trigname ?? "?" }];
  }
  if ("AlterEnumStmt" in node) {
    const { typeName, oldVal, newVal } = node.AlterEnumStmt;
    const type = dotted(typeName);
    return oldVal === undefined
      ? [{ do: "add enum value", type, value: newVal ?? "?" }]
      : [{ do: "rename enum value", type, value: oldVal }];
  }
  if ("DoStmt" in node) return [{ do: "run code", how: "DO" }];
  if ("CallStmt" in node) return [{ do: "run code", how: "CALL" }];
  if ("ExecuteStmt" in node) return [{ do: "run code", how: "EXECUTE" }];
  const kind = Object.keys(node)[0] ?? "";
  const made = creations[kind];
  if (made !== undefined) {
    const { replace } = (Object.values(node)[0] ?? {}) as { replace?: boolean };
    return [{ do: "create", what: made, replace: replace ?? false }];
  }
  return [descriptions.has(kind) ? { do: "describe" } : { do: "other", what: kind.replace(/Stmt$/u, "") }];
}

const hasOption = (options: readonly Node[] | undefined, name: string): boolean =>
  (options ?? []).some((option) => "DefElem" in option && option.DefElem.defname === name);

function settingOf({ kind, name, args, is_local: local }: VariableSetStmt): SchemaChange {
  const [first] = args ?? [];
  const constant = first !== undefined && "A_Const" in first ? first.A_Const : undefined;
  const value = constant?.sval?.sval ?? (constant?.ival === undefined ? null : String(constant.ival.ival ?? 0));
  return { do: "set", variable: name ?? "", value: kind === "VAR_SET_VALUE" ? value : null, local: local ?? false };
}

function transactionOf(kind: string): readonly SchemaChange[] {
  switch (kind) {
    case "TRANS_STMT_BEGIN":
    case "TRANS_STMT_START":
      return [{ do: "transaction", which: "begin" }];
    case "TRANS_STMT_COMMIT":
      return [{ do: "transaction", which: "commit" }];
    case "TRANS_STMT_ROLLBACK":
      return [{ do: "transaction", which: "rollback" }];
    case "TRANS_STMT_SAVEPOINT":
    case "TRANS_STMT_RELEASE":
    case "TRANS_STMT_ROLLBACK_TO":
      return [{ do: "transaction", which: "savepoint" }];
    default:
      return [{ do: "other", what: "a prepared transaction" }];
  }
}

/** Statements that add something beside what is there. */
const creations: Readonly<Record<string, string>> = {
  CompositeTypeStmt: "type",
  CreateCastStmt: "cast",
  CreateDomainStmt: "domain",
  CreateEnumStmt: "enum",
  CreateExtensionStmt: "extension",
  CreateForeignTableStmt: "foreign table",
  CreateFunctionStmt: "function",
  CreatePolicyStmt: "policy",
  CreatePublicationStmt: "publication",
  CreateRangeStmt: "type",
  CreateSchemaStmt: "schema",
  CreateSeqStmt: "sequence",
  CreateStatsStmt: "statistics",
  DefineStmt: "type",
  RuleStmt: "rule",
  ViewStmt: "view",
};

const descriptions = new Set([
  "AlterDefaultPrivilegesStmt",
  "AlterOwnerStmt",
  "AlterSeqStmt",
  "AlterStatsStmt",
  "CommentStmt",
  "GrantRoleStmt",
  "GrantStmt",
  "SecLabelStmt",
]);
