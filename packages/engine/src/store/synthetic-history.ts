import type { CheckStatus, Millis, ReleaseId, Timestamp } from "@fairway/core";
import type { Sql } from "./store.ts";

/** How a journey has gone at one place in a time. */
export interface SyntheticHistory {
  readonly environment: string;
  readonly name: string;
  readonly location: string;
  readonly status: CheckStatus | null;
  readonly lastAt: Timestamp | null;
  readonly release: ReleaseId | null;
  readonly runs: number;
  readonly passed: number;
  readonly failed: number;
  readonly noData: number;
  readonly p50: Millis | null;
  readonly p95: Millis | null;
  readonly points: readonly HistoryPoint[];
}

/** The same of one hour, or of one day of many. */
export interface HistoryPoint {
  readonly at: Timestamp;
  readonly runs: number;
  readonly failed: number;
  readonly p50: Millis | null;
  readonly p95: Millis | null;
}

/** Runs with an answer, for their times; what has none took no time that means anything. */
const times = (percent: number): string =>
  `percentile_disc(${percent}) within group (order by took) filter (where status <> 'no-data')`;

/** How each journey has gone since a moment, by the places it was made from; charts of it are by hours or by days. */
export async function syntheticHistory(
  sql: Sql,
  {
    environment,
    since,
    by,
  }: { readonly environment: string | null; readonly since: Timestamp; readonly by: "hour" | "day" },
): Promise<readonly SyntheticHistory[]> {
  const found = await sql.rows<
    Omit<SyntheticHistory, "lastAt" | "points"> & {
      readonly last_at: Date | null;
      readonly points: readonly HistoryPoint[] | null;
    }
  >(
    `with runs as (
       select environment, name, location, status, took, started_at, release, id from fairway.check_results
       where occasion in ('schedule', 'bake') and started_at >= $2 and ($1::text is null or environment = $1)),
     points as (
       select environment, name, location, date_trunc($3, started_at, 'UTC') as at, count(*)::int as runs,
         (count(*) filter (where status = 'failed'))::int as failed, ${times(0.5)} as p50, ${times(0.95)} as p95
       from runs group by 1, 2, 3, 4)
     select environment, name, location, (array_agg(status order by id desc))[1] as status, max(started_at) as last_at,
       (array_agg(release order by id desc))[1] as release, count(*)::int as runs,
       (count(*) filter (where status = 'passed'))::int as passed, (count(*) filter (where status = 'failed'))::int as failed,
       (count(*) filter (where status = 'no-data'))::int as "noData", ${times(0.5)} as p50, ${times(0.95)} as p95,
       (select json_agg(json_build_object('at', to_char(p.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"'), 'runs', p.runs,
          'failed', p.failed, 'p50', p.p50, 'p95', p.p95) order by p.at)
        from points p where (p.environment, p.name, p.location) = (runs.environment, runs.name, runs.location)) as points
     from runs group by environment, name, location order by environment, name, location`,
    [environment, since, by],
  );
  return found.map(({ last_at, points, ...row }) => ({
    ...row,
    lastAt: last_at?.toISOString() ?? null,
    points: points ?? [],
  }));
}
