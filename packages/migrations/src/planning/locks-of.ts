import { after, lockedBy, seenNothing, unknownSchema } from "../linting/seen.ts";
import { changesOf } from "../reading/changes-of.ts";
import { readSql } from "../reading/read-sql.ts";

/** The tables that others are kept from while a migration runs, each once. Those that it made itself nobody uses yet. */
export function locksOf(sql: string, transaction: boolean): readonly string[] {
  const reading = readSql(sql);
  if ("problem" in reading) return [];
  let seen = seenNothing(unknownSchema, transaction);
  const locked = new Set<string>();
  for (const { node } of reading.statements)
    for (const change of changesOf(node)) {
      const table = lockedBy(change);
      if (table !== null && !seen.fresh.has(table)) locked.add(table);
      seen = after(seen, change);
    }
  return [...locked];
}
