import type { RunId } from "@fairway/core";
import type { Pause } from "./runs.ts";
import type { Sql } from "./store.ts";

/** A run as an environment that it holds, or will, speaks of it. */
interface RunOfEnvironment {
  readonly run: RunId;
  readonly title: string;
  /** What it brings; null where it brings none. */
  readonly release: string | null;
  /** Somebody holds it where it is; null while it goes on. */
  readonly paused: Pause | null;
}

/** The deployments that have not ended and do not hold their environment. */
interface RunsBehind {
  readonly count: number;
  /** Those that were asked for first. */
  readonly first: readonly RunOfEnvironment[];
}

/** What holds environments and what comes after it, however many other runs are open. */
export interface EnvironmentRuns {
  readonly holders: ReadonlyMap<RunId, RunOfEnvironment>;
  readonly behind: ReadonlyMap<string, RunsBehind>;
}

interface Row {
  id: RunId;
  title: string;
  environment: string | null;
  release: string | null;
  paused_by: string | null;
  paused_because: string | null;
  paused_at: Date | null;
  holds: boolean;
  count: number;
}

/** So many of those that come after are named. */
const named = 20;

/** What holds these environments, by the runs that their locks name, and the deployments to them that are open besides. */
export async function environmentRuns(
  sql: Sql,
  environments: readonly string[],
  holders: readonly RunId[],
): Promise<EnvironmentRuns> {
  const found = await sql.rows<Row>(
    `select * from (
       select id, number, title, environment, subject->>'release' as release, paused_by, paused_because, paused_at,
         id = any($2) as holds, count(*) over place::float8 as count, row_number() over (place order by number) as at
       from fairway.runs
       where id = any($2) or (ended_at is null and kind = 'deployment' and environment = any($1))
       window place as (partition by environment, id = any($2))
     ) as open
     where holds or at <= ${named} order by number`,
    [environments, holders],
  );
  const rest = found.filter(({ holds }) => !holds);
  return {
    holders: new Map(found.filter(({ holds }) => holds).map((row) => [row.id, runOf(row)])),
    behind: new Map(
      environments.map((name) => {
        const mine = rest.filter(({ environment }) => environment === name);
        return [name, { count: mine[0]?.count ?? 0, first: mine.map(runOf) }];
      }),
    ),
  };
}

const runOf = ({ id, title, release, paused_by, paused_because, paused_at }: Row): RunOfEnvironment => ({
  run: id,
  title,
  release,
  paused: paused_at === null ? null : { by: paused_by ?? "", because: paused_because, since: paused_at.toISOString() },
});

/** How many runs have not ended. */
export async function countOpenRuns(sql: Sql): Promise<number> {
  const [row] = await sql.rows<{ count: number }>(
    "select count(*)::float8 as count from fairway.runs where ended_at is null",
  );
  return row?.count ?? 0;
}
