import { readFileSync, renameSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { RoutingTable } from "@fairway/core";
import { checkTable } from "../routing/table-problems.ts";

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
export async function storeTable(path: string, table: RoutingTable): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(JSON.stringify(table));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const directory = await open(dirname(path), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
