import type { Timestamp } from "@fairway/core";
import type { Sql } from "./store.ts";

/** Who makes journeys at a place that is not the daemon's. */
export interface JourneyWorker {
  readonly location: string;
  readonly name: string;
  readonly version: string;
  /** When it last asked for journeys, to ten seconds. */
  readonly seenAt: Timestamp;
}

/** Notes that a worker is there. May be repeated: it writes once in ten seconds. */
export async function noteWorker(
  sql: Sql,
  {
    locations,
    name,
    version,
  }: { readonly locations: readonly string[]; readonly name: string; readonly version: string },
): Promise<void> {
  await sql.rows(
    `insert into fairway.journey_workers as w (location, name, version)
     select location, $2, $3 from unnest($1::text[]) as location
     on conflict (location, name) do update set seen_at = now(), version = excluded.version
     where w.seen_at < now() - interval '10 seconds' or w.version <> excluded.version`,
    [locations, name, version],
  );
}

/** Those that are there or were, by place; at each the one that asked last comes first. */
export async function listJourneyWorkers(sql: Sql): Promise<readonly JourneyWorker[]> {
  const found = await sql.rows<Omit<JourneyWorker, "seenAt"> & { readonly seen_at: Date }>(
    "select location, name, version, seen_at from fairway.journey_workers order by location, seen_at desc, name",
  );
  return found.map(({ seen_at, ...row }) => ({ ...row, seenAt: seen_at.toISOString() }));
}

/** Forgets those that have not asked for a week: their machines have other names by now, or are gone. */
export async function forgetWorkers(sql: Sql): Promise<void> {
  await sql.rows("delete from fairway.journey_workers where seen_at < now() - interval '7 days'");
}
