import type { RunId } from "@fairway/core";
import type { Sql } from "./store.ts";

/** The key of the deployment that a release run starts by itself; with it there is one, however often it is asked for. */
export const nextRunKey = (run: RunId, environment: string): string => `${run}/deploy/${environment}`;

/** The runs that each of these runs started, in the order in which they were started. */
export async function nextRuns(sql: Sql, runs: readonly RunId[]): Promise<ReadonlyMap<RunId, readonly RunId[]>> {
  const found = await sql.rows<{ before: RunId; id: RunId }>(
    `select split_part(key, '/', 1) as before, id from fairway.runs
     where key like 'run-%/deploy/%' and split_part(key, '/', 1) = any($1) order by number`,
    [runs],
  );
  return new Map(runs.map((run) => [run, found.filter(({ before }) => before === run).map(({ id }) => id)]));
}
