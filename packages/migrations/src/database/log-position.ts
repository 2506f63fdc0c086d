import type { Client } from "pg";
import { sqlState } from "./session.ts";

/** Asks a server one thing, as whoever may make restore points there. */
export type AskServer = (text: string, values: readonly unknown[]) => Promise<{ readonly at: string }>;

/** Where a database stands: at a point of its log that has a name, or without one, and why. */
export type Mark =
  | { readonly at: string; readonly restorePoint: string }
  | {
      readonly at: string;
      /** The rest of a sentence about the database. */
      readonly why: string;
    };

/** PostgreSQL keeps so many bytes of a restore point's name, and refuses longer ones. */
const longestName = 63;

/**
 * Marks where the database stands before it is changed, and says how: a named restore point where the role may
 * make one, or somebody who may does it, else the position in its log. Whoever archives the log can go back to either; Fairway
 * keeps no copy itself.
 */
export async function markPosition(client: Client, name: string, asAdministrator?: AskServer): Promise<Mark> {
  const cut = Buffer.from(name)
    .subarray(0, longestName)
    .toString("utf8")
    .replace(/\uFFFD+$/u, "");
  const ask: AskServer =
    asAdministrator ??
    (async (text, values) => (await client.query<{ at: string }>(text, [...values])).rows[0] ?? { at: "?" });
  try {
    const { at } = await ask("select pg_create_restore_point($1)::text as at", [cut]);
    return { at, restorePoint: cut };
  } catch (thrown) {
    const state = sqlState(thrown);
    if (state === null) throw thrown;
    const { rows } = await client.query<{ at: string | null }>(
      "select case when pg_is_in_recovery() then null else pg_current_wal_lsn()::text end as at",
    );
    return { at: rows[0]?.at ?? "an unknown place", why: whyNone(state, thrown) };
  }
}

/** https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-BACKUP and the codes of its errors. */
function whyNone(state: string, thrown: unknown): string {
  switch (state) {
    case "42501":
      return "its role makes no restore points (grant execute on function pg_create_restore_point lets it)";
    case "55000":
      return "its server writes no log that restore points could be in (wal_level)";
    default:
      return `it has no restore point: ${(thrown as Error).message}`;
  }
}
