import { readFileSync, renameSync } from "node:fs";
import type { RoutingTable } from "@fairway/core";
import { checkTable } from "../routing/table-problems.ts";
import { storeFile } from "./store-file.ts";

/** What was found where the table is kept. */
export type StoredTable =
  | { readonly found: "table"; readonly table: RoutingTable }
  | { readonly found: "nothing" }
  /** It was set aside, so that it can be looked at and is not in the way. */
  | { readonly found: "damaged"; readonly why: string; readonly setAsideAs: string };

/** Reads the table that was last in force. */
export function readTable(path: string): StoredTable {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { found: "nothing" };
    throw error;
  }
  const why = (problems: readonly string[]): StoredTable => {
    const setAsideAs = `${path}.damaged-${Date.now()}`;
    renameSync(path, setAsideAs);
    return { found: "damaged", why: problems.join("; ").slice(0, 1000), setAsideAs };
  };
  try {
    const checked = checkTable(JSON.parse(text));
    return checked.ok ? { found: "table", table: checked.table } : why(checked.problems);
  } catch (error) {
    if (error instanceof SyntaxError) return why([error.message]);
    throw error;
  }
}

/** Stores a table so that a crash or power cut at any instant leaves either the old one or this one. */
export const storeTable = (path: string, table: RoutingTable): Promise<void> => storeFile(path, JSON.stringify(table));
