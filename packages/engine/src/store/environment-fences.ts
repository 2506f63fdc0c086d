import type { RunId } from "@fairway/core";
import type { Sql } from "./store.ts";

/** The setting that holds what the fence of a new environment begins above. */
export const leastFence = "least fence";

/**
 * A fresh fence for whoever acts on the environment that a run holds; undefined when it does not hold it, or when the
 * attempt that asks was taken over by another worker.
 */
export async function drawFence(
  sql: Sql,
  run: RunId,
  environment: string,
  attempt: { readonly job: string; readonly attempt: number; readonly epoch: number },
): Promise<number | undefined> {
  const [drawn] = await sql.rows<{ fence: number }>(
    `update fairway.environment_locks l set fence = l.fence + 1
     where l.environment = $1 and l.holder_run = $2 and exists (
       select from fairway.jobs j
       where j.run = $2 and j.name = $3 and j.attempt = $4 and j.epoch = $5 and j.state = 'running' for share)
     returning l.fence::float8 as fence`,
    [environment, run, attempt.job, attempt.attempt, attempt.epoch],
  );
  return drawn?.fence;
}

/** Has the next tokens of an environment begin above an epoch that a place has seen. May be repeated. */
export async function raiseFence(sql: Sql, environment: string, least: number): Promise<void> {
  await sql.rows("update fairway.environment_locks set fence = $2 where environment = $1 and fence < $2", [
    environment,
    least,
  ]);
}

/**
 * Raises every fence to at least this. A database that was put back from a backup is behind what the router and the
 * hosts have seen, and all that it draws would be refused. May be repeated.
 */
export async function raiseFences(sql: Sql, least: number): Promise<void> {
  await sql.rows("update fairway.environment_locks set fence = $1 where fence < $1", [least]);
  // An environment that the database does not know yet, the router may: one from after the backup, or from before the
  // database was made anew. Its deployments would be refused for ever.
  await keepLeastFence(sql, least);
}

/** It never goes back: an environment that was forgotten may have left its fences with a host. */
export async function keepLeastFence(sql: Sql, least: number): Promise<void> {
  await sql.rows(
    `insert into fairway.settings as s (name, value) values ($1, to_json($2::bigint)) on conflict (name) do update
       set value = case when excluded.value::text::bigint > s.value::text::bigint then excluded.value else s.value end`,
    [leastFence, least],
  );
}
