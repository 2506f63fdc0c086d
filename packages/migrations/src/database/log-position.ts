import type { Client } from "pg";
import { sqlState } from "./session.ts";

/**
 * Marks where the database stands before it is changed, and says what that is worth: a named restore point where the role may
 * make one, else the position in its log. Whoever archives the log can go back to either; Fairway keeps no copy itself.
 */
export async function markPosition(client: Client, name: string): Promise<string> {
  try {
    const { rows } = await client.query<{ at: string }>("select pg_create_restore_point($1)::text as at", [
      name.slice(0, 63),
    ]);
    return `restore point ${name} at ${rows[0]?.at ?? "?"}`;
  } catch (thrown) {
    if (sqlState(thrown) === null) throw thrown;
    const { rows } = await client.query<{ at: string; time: Date }>(
      `select case when pg_is_in_recovery() then null else pg_current_wal_lsn()::text end as at, now() as time`,
    );
    const at = rows[0]?.at ?? "an unknown place";
    return `no restore point (${(thrown as Error).message}); its log stood at ${at} on ${rows[0]?.time.toISOString() ?? "?"}`;
  }
}
