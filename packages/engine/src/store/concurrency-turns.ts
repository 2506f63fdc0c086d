import type { RunId } from "@fairway/core";
import type { Transaction } from "./store.ts";
import { text } from "./store.ts";

/** What asks for a turn in a group, in which one goes at a time. */
export interface TurnRequest {
  /** Compared without case. */
  readonly group: string;
  /** The job at whose end the turn is over; null for the end of the run. */
  readonly holder: string | null;
  /** Whether who has the turn now is to make way. */
  readonly cancelInProgress: boolean;
  /** `single` lets only the newest wait, `max` everybody. */
  readonly queue: "single" | "max";
}

/** Whether it is the asker's turn; if not, what it waits for, as a sentence. */
export type TurnTaking =
  | { readonly taken: true }
  | { readonly taken: false; readonly until: string }
  | { readonly taken: false; readonly supersededBy: string };

interface TurnRow {
  readonly place: number;
  readonly run: RunId;
  readonly job: string;
  readonly holding: boolean;
  readonly superseded_by: string | null;
}

/** Takes the turn for a job of a run that is held, or its place in the queue, and has others make way. May be repeated. */
export async function takeTurn(tx: Transaction, run: RunId, job: string, asked: TurnRequest): Promise<TurnTaking> {
  const name = text(asked.group.toLowerCase());
  // Nobody who waits here holds the row of another run, so this cannot end in a circle.
  await tx.rows("select pg_advisory_xact_lock(hashtextextended('fairway concurrency ' || $1, 0))", [name]);
  await tx.rows(
    "insert into fairway.concurrency_turns (name, run, job, holder) values ($1, $2, $3, $4) on conflict do nothing",
    [name, run, job, asked.holder],
  );
  const rows = await tx.rows<TurnRow>(
    "select place::float8 as place, run, job, holding, superseded_by from fairway.concurrency_turns where name = $1 order by place",
    [name],
  );
  const mine = rows.find((row) => row.run === run && row.job === job);
  if (mine === undefined) return { taken: false, until: `waits for its place in the group ${asked.group}` };
  if (mine.holding) return { taken: true };
  if (mine.superseded_by !== null) return { taken: false, supersededBy: mine.superseded_by };
  const holder = rows.find((row) => row.holding);
  const before = rows.filter((row) => !row.holding && row.superseded_by === null && row.place < mine.place);
  if (holder === undefined && before.length === 0) {
    await tx.rows("update fairway.concurrency_turns set holding = true where place = $1", [mine.place]);
    return { taken: true };
  }
  const makeWay = [
    ...(holder !== undefined && asked.cancelInProgress && holder.superseded_by === null ? [holder] : []),
    ...(asked.queue === "single" ? before : []),
  ];
  for (const row of makeWay) {
    await tx.rows("update fairway.concurrency_turns set superseded_by = $2 where place = $1", [row.place, run]);
    tx.signal({ kind: "advance", run: row.run });
  }
  const first = holder ?? before[0];
  return { taken: false, until: `waits for ${first?.run ?? "its turn"} in the concurrency group ${asked.group}` };
}

/** What a run must make way with: its turns that a later run wants. */
export async function supersededTurns(
  tx: Transaction,
  run: RunId,
): Promise<readonly { readonly job: string; readonly holder: string | null; readonly by: string }[]> {
  return tx.rows(
    `select job, holder, superseded_by as by from fairway.concurrency_turns
     where run = $1 and superseded_by is not null order by place`,
    [run],
  );
}

/** Gives up what a run holds and waits for in groups, of these jobs or all of it, and lets the next look. */
export async function leaveTurns(tx: Transaction, run: RunId, jobs?: readonly string[]): Promise<void> {
  const left = await tx.rows<{ readonly name: string }>(
    "delete from fairway.concurrency_turns where run = $1 and ($2::text[] is null or job = any($2)) returning name",
    [run, jobs ?? null],
  );
  if (left.length === 0) return;
  const next = await tx.rows<{ readonly run: RunId }>(
    `select distinct on (name) run from fairway.concurrency_turns
     where name = any($1) and superseded_by is null order by name, place`,
    [left.map(({ name }) => name)],
  );
  for (const waiting of next) tx.signal({ kind: "advance", run: waiting.run });
}
