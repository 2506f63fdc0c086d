import type { DrillReport, Timestamp } from "@fairway/core";
import type { Sql } from "./store.ts";
import { json } from "./store.ts";

/** A drill as it is on record. */
export interface DrillRecord {
  readonly number: number;
  readonly repository: string;
  readonly beganAt: Timestamp;
  /** Null while it goes on. */
  readonly endedAt: Timestamp | null;
  readonly askedBy: string;
  readonly report: DrillReport;
}

/** Puts down that a drill begins. Answers with its number. */
export async function beginDrill(sql: Sql, repository: string, askedBy: string): Promise<number> {
  const [row] = await sql.rows<{ number: string }>(
    "insert into fairway.drills (repository, asked_by, report) values ($1, $2, $3) returning number",
    [repository, askedBy, json({ snapshot: null, steps: [] })],
  );
  return Number(row?.number);
}

/** Puts down what a drill has found so far; `ended`: it goes on no more. May be repeated. */
export async function keepDrill(sql: Sql, number: number, report: DrillReport, ended: boolean): Promise<void> {
  await sql.rows(
    "update fairway.drills set report = $2, ended_at = case when $3 then clock_timestamp() end where number = $1 and ended_at is null",
    [number, json(report), ended],
  );
}

/** Drills, the newest first. */
export async function listDrills(
  sql: Sql,
  {
    limit,
    open = false,
    ended = false,
    repository: of = null,
  }: {
    readonly limit: number;
    readonly open?: boolean;
    readonly ended?: boolean;
    readonly repository?: string | null;
  },
): Promise<readonly DrillRecord[]> {
  const rows = await sql.rows<{
    number: string;
    repository: string;
    began_at: Date;
    ended_at: Date | null;
    asked_by: string;
    report: DrillReport;
  }>(
    `select * from fairway.drills where (not $2 or ended_at is null) and (not $4 or ended_at is not null) and ($3::text is null or repository = $3)
     order by number desc limit $1`,
    [limit, open, of, ended],
  );
  return rows.map(({ number, repository, began_at, ended_at, asked_by, report }) => ({
    number: Number(number),
    repository,
    beganAt: began_at.toISOString(),
    endedAt: ended_at?.toISOString() ?? null,
    askedBy: asked_by,
    report,
  }));
}

/** Leaves a sign of life in the database. */
export async function beat(sql: Sql): Promise<void> {
  await sql.rows(
    "insert into fairway.heartbeat (at) values (clock_timestamp()) on conflict (only_one) do update set at = excluded.at",
  );
}
