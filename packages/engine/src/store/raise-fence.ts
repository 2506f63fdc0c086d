import type { Sql } from "./store.ts";

/** Has the next tokens of an environment begin above an epoch that a place has seen. May be repeated. */
export async function raiseFence(sql: Sql, environment: string, least: number): Promise<void> {
  await sql.rows("update fairway.environment_locks set fence = $2 where environment = $1 and fence < $2", [
    environment,
    least,
  ]);
}
