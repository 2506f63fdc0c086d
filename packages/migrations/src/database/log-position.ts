import type { Client } from "pg";
import { sqlState } from "./session.ts";

/** Asks a server one thing, as whoever may make restore points there. */
export type AskServer = (text: string, values: readonly unknown[]) => Promise<{ readonly at: string }>;

/** PostgreSQL keeps so many bytes of a restore point's name, and refuses longer ones. */
const longestName = 63;

/**
 * Marks where the database stands before it is changed, and says what that is worth: a named restore point where the role may
 * make one, or somebody who may does it, else the position in its log. Whoever archives the log can go back to either; Fairway
 * keeps no copy itself.
 */
export async function markPosition(client: Client, name: string, asAdministrator?: AskServer): Promise<string> {
  const cut = Buffer.from(name)
    .subarray(0, longestName)
    .toString("utf8")
    .replace(/\uFFFD+$/u, "");
  const ask: AskServer =
    asAdministrator ??
    (async (text, values) => (await client.query<{ at: string }>(text, [...values])).rows[0] ?? { at: "?" });
  try {
    const { at } = await ask("select pg_create_restore_point($1)::text as at", [cut]);
    return `restore point ${cut} at ${at}`;
  } catch (thrown) {
    const state = sqlState(thrown);
    if (state === null) throw thrown;
    const { rows } = await client.query<{ at: string | null; time: Date }>(
      "select case when pg_is_in_recovery() then null else pg_current_wal_lsn()::text end as at, now() as time",
    );
    const at = rows[0]?.at ?? "an unknown place";
    return `the database's log stood at ${at} on ${rows[0]?.time.toISOString() ?? "?"}; ${whyNone(state, thrown)}`;
  }
}

/** https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-BACKUP and the codes of its errors. */
function whyNone(state: string, thrown: unknown): string {
  switch (state) {
    case "42501":
      return "its role makes no restore points, which takes: grant execute on function pg_create_restore_point to that role";
    case "55000":
      return "its server writes no log that restore points could be in (wal_level)";
    default:
      return `it has no restore point: ${(thrown as Error).message}`;
  }
}
