import type { Timestamp } from "@fairway/core";
import type { PoolClient } from "pg";
import type { Json } from "../runs/stage.ts";
import type { Signal, Sql } from "./store.ts";

/** Something that happened, before it has its place in the sequence. */
export interface NewEvent {
  readonly kind: EventKind;
  /** What it happened to: a run's id, an environment's name, a release's id. */
  readonly subject: string;
  readonly body: Json;
}

export type EventKind =
  | "alert.changed"
  | "run.created"
  | "run.changed"
  | "job.changed"
  | "step.changed"
  | "approval.asked"
  | "approval.given"
  | "analysis.changed"
  | "check.finished"
  | "check.missed"
  | "disclosures.changed"
  | "duties.changed"
  | "duty.reminded"
  | "environment.changed"
  | "release.created"
  | "deployment.changed"
  | "deployment.paused"
  | "deployment.resumed"
  | "drift.changed"
  | "drift.found"
  | "flags.changed"
  | "freeze.overridden"
  | "incident.changed"
  | "migrations.changed"
  | "operations.summary"
  | "notice.sent"
  | "notices.changed"
  | "people.changed"
  | "preview.changed"
  | "quarantine.changed"
  | "rollout.moved"
  | "router.changed"
  | "secrets.changed"
  | "tokens.changed"
  | "trigger.fired"
  | "verification.changed"
  | "worker.lost";

/** Something that happened. Numbers only grow, and whoever reads up to one has seen all before it. */
export interface EngineEvent extends NewEvent {
  readonly seq: number;
  readonly at: Timestamp;
}

/** The channel on which workers tell each other what is new. */
export const channel = "fairway";

/**
 * Records the events of a transaction and tells the others, as its last statement. The lock gives out numbers in the
 * order of commits: without it a reader that has seen 8 would never see a 7 that was committed later.
 */
export async function recordAndAnnounce(
  client: PoolClient,
  origin: string,
  events: readonly NewEvent[],
  signals: readonly Signal[],
): Promise<void> {
  const announcement = JSON.stringify({ origin, signals: distinct(signals) });
  if (events.length === 0) {
    await client.query("select pg_notify($1, $2)", [channel, announcement]);
    return;
  }
  await client.query(
    `with turn as materialized (select pg_advisory_xact_lock(hashtext('fairway.events'))),
       made as (
         insert into fairway.events (kind, subject, body)
         select e.kind, e.subject, coalesce(e.body, 'null')
         from turn, rows from (json_to_recordset($1) as (kind text, subject text, body json)) with ordinality as e(kind, subject, body, place)
         order by e.place
         returning seq)
     select pg_notify($2, $3) from (select count(*) from made) as counted`,
    [JSON.stringify(events), channel, announcement],
  );
}

/** A payload holds 8,000 bytes; beyond that everybody is told to look at everything. */
function distinct(signals: readonly Signal[]): readonly Signal[] {
  const found = [...new Map(signals.map((signal) => [`${signal.kind} ${signal.run ?? ""}`, signal])).values()];
  return found.length <= 50 ? found : [{ kind: "ready" }, { kind: "stop" }, { kind: "events" }];
}

/** What happened after a place in the sequence, oldest first. */
export async function eventsAfter(sql: Sql, seq: number, limit = 500): Promise<readonly EngineEvent[]> {
  const found = await sql.rows<{ seq: number; at: Date; kind: EventKind; subject: string; body: Json }>(
    "select seq::float8 as seq, at, kind, subject, body from fairway.events where seq > $1 order by seq limit $2",
    [seq, limit],
  );
  return found.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** The place of the oldest event that is still there; null when there is none. */
export async function oldestEvent(sql: Sql): Promise<number | null> {
  const [row] = await sql.rows<{ seq: number | null }>("select min(seq)::float8 as seq from fairway.events");
  return row?.seq ?? null;
}

/** The place of the newest event; 0 when nothing has happened. */
export async function latestEvent(sql: Sql): Promise<number> {
  const [row] = await sql.rows<{ seq: number }>("select coalesce(max(seq), 0)::float8 as seq from fairway.events");
  return row?.seq ?? 0;
}

/** Forgets all but the newest events; the rows of runs are what is remembered. */
export async function forgetEvents(sql: Sql, keep: number): Promise<void> {
  await sql.rows("delete from fairway.events where seq <= (select max(seq) from fairway.events) - $1", [keep]);
}
