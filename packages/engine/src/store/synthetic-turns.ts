import type { Millis, ReleaseId, Timestamp } from "@fairway/core";
import type { Sql, Store } from "./store.ts";

/** A journey at one place, and when it is made next. */
export interface SyntheticTurn {
  readonly environment: string;
  readonly name: string;
  readonly location: string;
  readonly dueAt: Timestamp;
  readonly release: ReleaseId;
  /** Since when nobody has made it who should have; null where all is well. */
  readonly missedAt: Timestamp | null;
  /** Of whoever has it now: shows that it is theirs to end; null where nobody has it. */
  readonly claim: string | null;
}

interface Row extends Omit<SyntheticTurn, "dueAt" | "missedAt"> {
  readonly due_at: Date;
  readonly missed_at: Date | null;
}

const columns = "environment, name, location, due_at, release, missed_at, claim";
const turnOf = ({ due_at, missed_at, ...row }: Row): SyntheticTurn => ({
  ...row,
  dueAt: due_at.toISOString(),
  missedAt: missed_at?.toISOString() ?? null,
});

/** A journey that should be made while a release runs. */
export interface WantedTurn {
  readonly environment: string;
  readonly name: string;
  readonly location: string;
  readonly release: ReleaseId;
}

/**
 * Makes the turns be those that are wanted: what is new, and what a new release runs under, is due at once. May be repeated.
 */
export async function wantTurns(store: Store, wanted: readonly WantedTurn[]): Promise<void> {
  const rows = JSON.stringify(wanted);
  await store.transaction(async (tx) => {
    await tx.rows(
      `insert into fairway.synthetic_turns as t (environment, name, location, release, due_at)
       select w.environment, w.name, w.location, w.release, now()
       from json_to_recordset($1) as w(environment text, name text, location text, release text)
       on conflict (environment, name, location) do update set release = excluded.release, due_at = now()
       where t.release is distinct from excluded.release`,
      [rows],
    );
    await tx.rows(
      `delete from fairway.synthetic_turns t where not exists (
         select from json_to_recordset($1) as w(environment text, name text, location text)
         where (w.environment, w.name, w.location) = (t.environment, t.name, t.location))`,
      [rows],
    );
  });
}

/** All turns. */
export async function listTurns(sql: Sql): Promise<readonly SyntheticTurn[]> {
  return (
    await sql.rows<Row>(`select ${columns} from fairway.synthetic_turns order by environment, name, location`)
  ).map(turnOf);
}

/**
 * Takes one that is due, for so long that others leave it alone; null when somebody else has, or another release is wanted by
 * now.
 */
export async function takeTurn(sql: Sql, turn: SyntheticTurn, hold: Millis): Promise<SyntheticTurn | null> {
  const [row] = await sql.rows<Row>(
    `update fairway.synthetic_turns set taken_at = now(), taken_until = now() + $4 * interval '1 millisecond',
       claim = gen_random_uuid()::text, claimed_release = release
     where environment = $1 and name = $2 and location = $3 and due_at <= now() and (taken_until is null or taken_until < now())
       and release is not distinct from $5
     returning ${columns}`,
    [turn.environment, turn.name, turn.location, hold, turn.release],
  );
  return row === undefined ? null : turnOf(row);
}

/**
 * The turn that a claim is of, with the release that was to be asked; null where it was taken from whoever had it, or is not
 * wanted any more.
 */
export async function claimedTurn(sql: Sql, claim: string): Promise<SyntheticTurn | null> {
  const [row] = await sql.rows<Row & { readonly claimed_release: ReleaseId }>(
    `select ${columns}, claimed_release from fairway.synthetic_turns where claim = $1`,
    [claim],
  );
  if (row === undefined) return null;
  const { claimed_release: release, ...turn } = row;
  return turnOf({ ...turn, release });
}

/**
 * The turn was made: the next is due an interval after this one was, or from now where that is past. Of a turn with a claim
 * only whoever still has it ends it.
 */
export async function endTurn(sql: Sql, turn: SyntheticTurn, every: Millis): Promise<void> {
  await sql.rows(
    `update fairway.synthetic_turns set taken_at = null, taken_until = null, claim = null, missed_at = null,
       due_at = case when release <> $5 then due_at
         else greatest(now(), least($6::timestamptz, now()) + $4 * interval '1 millisecond') end
     where environment = $1 and name = $2 and location = $3 and ($7::text is null or claim = $7)`,
    [turn.environment, turn.name, turn.location, every, turn.release, turn.dueAt, turn.claim],
  );
}

/** The turn was not made after all: whoever comes next makes it. */
export async function giveTurnBack(sql: Sql, { environment, name, location, claim }: SyntheticTurn): Promise<void> {
  await sql.rows(
    `update fairway.synthetic_turns set taken_at = null, taken_until = null, claim = null
     where environment = $1 and name = $2 and location = $3 and ($4::text is null or claim = $4)`,
    [environment, name, location, claim],
  );
}

/** Turns that nobody has made though they were due so long ago, or that whoever took them did not come back from. */
export async function missedTurns(sql: Sql, grace: Millis): Promise<readonly SyntheticTurn[]> {
  const found = await sql.rows<Row>(
    `select ${columns} from fairway.synthetic_turns
     where missed_at is null and due_at < now() - $1 * interval '1 millisecond' and (taken_until is null or taken_until < now())`,
    [grace],
  );
  return found.map(turnOf);
}

/** Notes that a turn is missed and tells of it, once until it is made again. Answers whether it was news. */
export async function missTurn(store: Store, turn: SyntheticTurn): Promise<boolean> {
  return store.transaction(async (tx) => {
    const [row] = await tx.rows(
      `update fairway.synthetic_turns set missed_at = now(), taken_at = null, taken_until = null, claim = null
       where environment = $1 and name = $2 and location = $3 and missed_at is null and date_trunc('milliseconds', due_at) = $4 returning name`,
      [turn.environment, turn.name, turn.location, turn.dueAt],
    );
    if (row === undefined) return false;
    const { environment, name, location, release, dueAt } = turn;
    tx.emit({ kind: "check.missed", subject: environment, body: { name, location, release, dueAt } });
    return true;
  });
}
