import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Sql } from "./store.ts";

/** How many things of one kind there are. */
interface Counted {
  readonly count: number;
}

/** How long the runs of one kind took that have ended. */
export interface RunDurations {
  readonly kind: string;
  /** How many took at most so long; null for all. In seconds, each holding those before it. */
  readonly buckets: readonly { readonly le: number | null; readonly count: number }[];
  readonly sum: number;
  readonly count: number;
}

/** How things stand that Fairway does and still has to do, all of one moment. */
export interface ControlFigures {
  /** Runs that have ended, by how. */
  readonly ended: readonly (Counted & { readonly kind: string; readonly state: string })[];
  /** Runs that have not. */
  readonly open: readonly (Counted & { readonly kind: string; readonly state: string })[];
  readonly durations: readonly RunDurations[];
  /** Deployments that have ended, by the environment of theirs, of which only the busiest are told apart. */
  readonly deployments: readonly (Counted & { readonly environment: string; readonly outcome: string })[];
  /** Jobs whose turn has come and whom nobody executes yet. */
  readonly ready: Counted & { readonly oldest: Millis };
  /** Jobs that are executed. */
  readonly running: number;
  /** What waits for people's answers. */
  readonly approvals: number;
  /** Deployments that wait until their environment is free. */
  readonly waiters: number;
  readonly workers: number;
  readonly notices: { readonly waiting: number; readonly dead: number };
  readonly reports: { readonly waiting: number; readonly dropped: number };
  /** Webhooks that were kept and not understood yet. */
  readonly deliveries: number;
  readonly firings: readonly (Counted & { readonly state: string })[];
  readonly drift: number;
  readonly auditRows: number;
}

/** In seconds: a release of something small takes some ten, one of much an hour. */
const bounds = [5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200] as const;
/** Others are one: previews come and go, and each would be a series for ever. */
const mostEnvironments = 40;

const inBuckets = bounds
  .map((bound) => `count(*) filter (where took <= ${bound})::int`)
  .concat("count(*)::int")
  .join(", ");

/** Counts it all in one question. Each look reads the runs there are: some 30 ms for 100,000. */
export async function controlFigures(sql: Sql): Promise<ControlFigures> {
  const [row] = await sql.rows<{ readonly figures: Row }>(
    `with ended as (
       select kind, state, greatest(0, extract(epoch from ended_at - coalesce(started_at, created_at)))::float8 as took
       from fairway.runs where ended_at is not null
     ), busiest as (
       select environment from fairway.deployments group by environment order by max(began_at) desc limit $1
     )
     select json_build_object(
       'ended', ${list("select kind, state, count(*)::int from ended group by kind, state order by 1, 2")},
       'open', ${list("select kind, state, count(*)::int from fairway.runs where ended_at is null group by kind, state order by 1, 2")},
       'durations', ${list(`select kind, sum(took) as sum, count(*)::int, json_build_array(${inBuckets}) as buckets from ended group by kind order by 1`)},
       'deployments', ${list(
         `select case when environment in (select environment from busiest) then environment else 'others' end as environment,
            outcome, count(*)::int from fairway.deployments where outcome is not null group by 1, 2 order by 1, 2`,
       )},
       'ready', (select json_build_object('count', count(*)::int,
          'oldest', coalesce(extract(epoch from now() - min(ready_at)) * 1000, 0)::float8)
          from fairway.jobs where state = 'pending' and ready_at is not null and ready_at <= now()),
       'running', (select count(*)::int from fairway.jobs where state = 'running' and claimed_by is not null),
       'approvals', (select count(*)::int from fairway.gates g join fairway.jobs j
          on j.run = g.run and j.name = g.job and j.attempt = g.attempt where j.ended_at is null),
       'waiters', (select count(*)::int from fairway.environment_waiters),
       'workers', (select count(*)::int from fairway.workers where not dead),
       'notices', (select json_build_object('waiting', count(*) filter (where state = 'waiting')::int,
          'dead', count(*) filter (where state = 'dead')::int) from fairway.notices where state <> 'told'),
       'reports', (select json_build_object('waiting', count(*) filter (where state = 'waiting')::int,
          'dropped', count(*) filter (where state = 'dropped')::int) from fairway.forge_reports where state <> 'told'),
       'deliveries', (select count(*)::int from fairway.deliveries where state = 'new'),
       'firings', ${list("select state, count(*)::int from fairway.trigger_firings group by state order by 1")},
       'drift', (select count(*)::int from fairway.infrastructure_drift where closed_at is null),
       'auditRows', (select coalesce(max(number), 0)::float8 from fairway.audit)) as figures`,
    [mostEnvironments],
  );
  if (row === undefined)
    throw new FairwayError("internal", "the database answered a question without tables with no row");
  const { durations, ...figures } = row.figures;
  return {
    ...figures,
    durations: durations.map(({ buckets, ...one }) => ({
      ...one,
      buckets: buckets.map((count, at) => ({ le: bounds[at] ?? null, count })),
    })),
  };
}

type Row = Omit<ControlFigures, "durations"> & {
  readonly durations: readonly (Omit<RunDurations, "buckets"> & { readonly buckets: readonly number[] })[];
};

const list = (question: string): string => `(select coalesce(json_agg(found), '[]') from (${question}) as found)`;
