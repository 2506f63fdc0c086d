import type { DropStmt, Node, RenameStmt } from "@pgsql/types";
import { dotted, tableName } from "./names.ts";
import type { SchemaChange } from "./schema-change.ts";

/** What a DROP takes away. */
export function changesOfDrop({ removeType, objects = [], concurrent }: DropStmt): readonly SchemaChange[] {
  const names = objects.map(nameOf);
  switch (removeType) {
    case "OBJECT_TABLE":
    case "OBJECT_FOREIGN_TABLE":
      return names.map((table) => ({ do: "drop table", table }));
    case "OBJECT_INDEX":
      return names.map((name) => ({ do: "drop index", name, concurrently: concurrent ?? false }));
    default:
      return names.map((name) => ({
        do: "drop",
        what: (removeType ?? "").replace(/^OBJECT_/u, "").toLowerCase(),
        name,
      }));
  }
}

function nameOf(object: Node): string {
  if ("List" in object) return dotted(object.List.items);
  if ("String" in object) return object.String.sval ?? "?";
  if ("TypeName" in object) return dotted(object.TypeName.names);
  if ("ObjectWithArgs" in object) return dotted(object.ObjectWithArgs.objname);
  return "?";
}

/** What a RENAME gives another name. */
export function changesOfRename(statement: RenameStmt): readonly SchemaChange[] {
  const { renameType, relation, subname, newname = "?", object } = statement;
  const table = relation === undefined ? null : tableName(relation);
  const name = subname ?? table ?? (object === undefined ? "?" : nameOf(object));
  return [{ do: "rename", what: renamed(renameType), name, to: newname, table }];
}

function renamed(what: RenameStmt["renameType"]): (SchemaChange & { do: "rename" })["what"] {
  switch (what) {
    case "OBJECT_TABLE":
    case "OBJECT_FOREIGN_TABLE":
      return "table";
    case "OBJECT_COLUMN":
    case "OBJECT_ATTRIBUTE":
      return "column";
    case "OBJECT_VIEW":
    case "OBJECT_MATVIEW":
      return "view";
    case "OBJECT_TYPE":
    case "OBJECT_DOMAIN":
      return "type";
    case "OBJECT_SCHEMA":
      return "schema";
    default:
      return "other";
  }
}
