import type { RunId } from "@fairway/core";
import type { Sql } from "../store.ts";

/** The environment that a run changes; null for one of the project as a whole, undefined for one that is not there. */
export async function environmentOfRun(sql: Sql, run: RunId): Promise<string | null | undefined> {
  const [row] = await sql.rows<{ environment: string | null }>(
    "select subject->>'environment' as environment from fairway.runs where id = $1",
    [run],
  );
  return row === undefined ? undefined : row.environment;
}

/** The environment of a plan of infrastructure; undefined for one that is not there. */
export async function environmentOfPlan(sql: Sql, plan: number): Promise<string | undefined> {
  const [row] = await sql.rows<{ environment: string }>(
    "select environment from fairway.infrastructure_plans where id = $1::numeric",
    [plan],
  );
  return row?.environment;
}
