import type { CheckStatus, Millis, ReleaseId, RunId, Timestamp } from "@fairway/core";
import type { Sql } from "./store.ts";

/** A journey that is to be made at a place of its own while a release bakes. */
export interface NewBakeTurn {
  /** Of the attempt that lets it bake. */
  readonly attempt: string;
  readonly run: RunId;
  readonly environment: string;
  readonly release: ReleaseId;
  readonly name: string;
  readonly location: string;
  /** The first of this journey at this place in this attempt is 1. */
  readonly number: number;
  readonly askedAt: Timestamp;
}

/** The same, with what became of it. */
export interface BakeTurn extends NewBakeTurn {
  readonly key: string;
  /** Whoever took it is waited for until then; null where nobody has. */
  readonly takenUntil: Timestamp | null;
  readonly claim: string | null;
  /** Null while it is open. */
  readonly status: CheckStatus | null;
  readonly summary: string | null;
}

interface Row extends Omit<BakeTurn, "askedAt" | "takenUntil"> {
  readonly asked_at: Date;
  readonly taken_until: Date | null;
}

const columns =
  "key, attempt, run, environment, release, name, location, number, asked_at, taken_until, claim, status, summary";
/** What a bake that is over still has open, nobody is to make. */
const isBaking = "exists (select from fairway.runs r where r.id = t.run and r.ended_at is null)";
const turnOf = ({ asked_at, taken_until, ...row }: Row): BakeTurn => ({
  ...row,
  askedAt: asked_at.toISOString(),
  takenUntil: taken_until?.toISOString() ?? null,
});

/** Asks for a journey, once by its attempt, place and number. */
export async function askBakeTurn(sql: Sql, turn: NewBakeTurn): Promise<void> {
  const { attempt, run, environment, release, name, location, number, askedAt } = turn;
  await sql.rows(
    `insert into fairway.bake_turns (key, attempt, run, environment, release, name, location, number, asked_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (key) do nothing`,
    [
      `${attempt}/${name}/${location}/${number}`,
      ...[attempt, run, environment, release, name, location, number, askedAt],
    ],
  );
}

/** All that an attempt has asked for, in order. */
export async function bakeTurnsOf(sql: Sql, attempt: string): Promise<readonly BakeTurn[]> {
  const found = await sql.rows<Row>(
    `select ${columns} from fairway.bake_turns where attempt = $1 order by name, location, number`,
    [attempt],
  );
  return found.map(turnOf);
}

/** Those that are to be made at one of these places and that nobody has, the oldest first. */
export async function openBakeTurns(sql: Sql, locations: readonly string[]): Promise<readonly BakeTurn[]> {
  const found = await sql.rows<Row>(
    `select ${columns} from fairway.bake_turns t
     where status is null and location = any($1) and (taken_until is null or taken_until < now())
       and ${isBaking}
     order by asked_at`,
    [locations],
  );
  return found.map(turnOf);
}

/** The releases of which journeys are made while they bake. */
export async function bakingReleases(sql: Sql): Promise<readonly ReleaseId[]> {
  const found = await sql.rows<{ readonly release: ReleaseId }>(
    `select distinct release from fairway.bake_turns t
     where status is null and ${isBaking}`,
  );
  return found.map(({ release }) => release);
}

/** Takes one, for so long that others leave it alone; null when somebody else has. */
export async function takeBakeTurn(sql: Sql, key: string, hold: Millis): Promise<BakeTurn | null> {
  const [row] = await sql.rows<Row>(
    `update fairway.bake_turns set taken_until = now() + $2 * interval '1 millisecond', claim = gen_random_uuid()::text
     where key = $1 and status is null and (taken_until is null or taken_until < now()) returning ${columns}`,
    [key, hold],
  );
  return row === undefined ? null : turnOf(row);
}

/** The turn that a claim is of; null where it was taken from whoever had it. */
export async function claimedBakeTurn(sql: Sql, claim: string): Promise<BakeTurn | null> {
  const [row] = await sql.rows<Row>(`select ${columns} from fairway.bake_turns where claim = $1`, [claim]);
  return row === undefined ? null : turnOf(row);
}

/** Writes down what it came to, once. Answers whether it was open. */
export async function endBakeTurn(sql: Sql, key: string, status: CheckStatus, summary: string): Promise<boolean> {
  const ended = await sql.rows(
    "update fairway.bake_turns set status = $2, summary = $3 where key = $1 and status is null returning key",
    [key, status, summary],
  );
  return ended.length > 0;
}

/** It was not made after all: whoever comes next makes it. */
export async function giveBakeTurnBack(sql: Sql, key: string): Promise<void> {
  await sql.rows("update fairway.bake_turns set taken_until = null, claim = null where key = $1 and status is null", [
    key,
  ]);
}

/** Whether somebody who asks for journeys at a place has done so in this time, or makes one there. */
export async function isSomebodyAt(sql: Sql, location: string, within: Millis): Promise<boolean> {
  const [row] = await sql.rows<{ readonly there: boolean }>(
    `select exists (select from fairway.journey_workers where location = $1 and seen_at > now() - $2 * interval '1 millisecond')
       or exists (select from fairway.synthetic_turns where location = $1 and taken_until > now())
       or exists (select from fairway.bake_turns where location = $1 and status is null and taken_until > now()) as there`,
    [location, within],
  );
  return row?.there === true;
}

/** Nobody waits any more for what is open of an attempt. */
export async function closeBakeTurns(sql: Sql, attempt: string): Promise<void> {
  await sql.rows(
    "update fairway.bake_turns set status = 'no-data', summary = 'the bake was over' where attempt = $1 and status is null",
    [attempt],
  );
}

/** Forgets those of bakes that were over days ago. */
export async function forgetBakeTurns(sql: Sql): Promise<void> {
  await sql.rows("delete from fairway.bake_turns where asked_at < now() - interval '7 days'");
}
