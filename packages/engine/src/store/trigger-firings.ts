import type { Asker, InputValue, RunId, Sha, Timestamp, Trigger } from "@fairway/core";
import type { Sql, Transaction } from "./store.ts";
import { json, text } from "./store.ts";

/** What is to be started, as it was when the trigger fired. */
export type FiringRequest =
  | {
      readonly source: "configuration";
      readonly trigger: Trigger;
      readonly inputs: Readonly<Record<string, InputValue>>;
    }
  | { readonly source: "workflow"; readonly file: string; readonly schedule: string | null };

export type FiringState = "pending" | "waiting" | "started" | "declined" | "failed";

/** A trigger that has fired, before it is written down. */
export interface NewFiring {
  /** However often it is told, there is one for each. */
  readonly key: string;
  readonly trigger: string;
  readonly cause: string;
  readonly ref: string | null;
  readonly sha: Sha | null;
  readonly by: string;
  /** Who asked for what it starts; absent where a clock did, and in firings from before it was kept. */
  readonly asked?: Asker | undefined;
  readonly request: FiringRequest;
  /** Of what happened; null where it was a person or a clock. */
  readonly document: string | null;
  /** `declined` where it is clear already that nothing starts. */
  readonly state: "pending" | "declined";
  readonly why: string;
}

/** A trigger that has fired, and what came of it. */
export interface Firing extends Omit<NewFiring, "state"> {
  readonly number: number;
  readonly state: FiringState;
  readonly run: RunId | null;
  readonly firedAt: Timestamp;
  readonly decidedAt: Timestamp | null;
  readonly tries: number;
}

interface FiringRow extends Omit<Firing, "firedAt" | "decidedAt" | "by" | "asked"> {
  asked: Asker | null;
  fired_by: string;
  fired_at: Date;
  decided_at: Date | null;
}

const columns = `number::float8 as number, key, trigger, cause, ref, sha, fired_by, asked, request, document, state, why, run, fired_at,
  decided_at, tries`;

const firingOf = ({ fired_by, fired_at, decided_at, asked, ...row }: FiringRow): Firing => ({
  ...row,
  asked: asked ?? undefined,
  by: fired_by,
  firedAt: fired_at.toISOString(),
  decidedAt: decided_at?.toISOString() ?? null,
});

/**
 * Writes down that triggers have fired; those that are known by their key already are left as they are. Answers with the new
 * ones.
 */
export async function keepFirings(tx: Transaction, firings: readonly NewFiring[]): Promise<readonly Firing[]> {
  const kept: Firing[] = [];
  // One after the other: their numbers say in which order they fired.
  for (const { key, trigger, cause, ref, sha, by, asked, request, document, state, why } of firings) {
    const [row] = await tx.rows<FiringRow>(
      `insert into fairway.trigger_firings (key, trigger, source, cause, ref, sha, fired_by, request, document, state, why, asked, decided_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, case when $10 = 'declined' then now() end)
       on conflict (key) do nothing returning ${columns}`,
      [
        text(key),
        text(trigger),
        request.source,
        text(cause),
        ref,
        sha,
        text(by),
        json(request),
        document,
        state,
        text(why),
        asked === undefined ? null : json(asked),
      ],
    );
    if (row === undefined) continue;
    const firing = firingOf(row);
    kept.push(firing);
    tx.emit({ kind: "trigger.fired", subject: String(firing.number), body: { trigger, state, why: text(why) } });
  }
  return kept;
}

/** The firing with a key, if there is one. */
export async function firingByKey(sql: Sql, key: string): Promise<Firing | null> {
  const [row] = await sql.rows<FiringRow>(`select ${columns} from fairway.trigger_firings where key = $1`, [text(key)]);
  return row === undefined ? null : firingOf(row);
}

/** One firing; null when there is none with this number. */
export async function firingByNumber(sql: Sql, number: number): Promise<Firing | null> {
  const [row] = await sql.rows<FiringRow>(`select ${columns} from fairway.trigger_firings where number = $1`, [number]);
  return row === undefined ? null : firingOf(row);
}

/** Firings of which it is not decided yet what they start, the oldest first. */
export async function openFirings(sql: Sql, limit = 20): Promise<readonly Firing[]> {
  const found = await sql.rows<FiringRow>(
    `select ${columns} from fairway.trigger_firings where state in ('pending', 'waiting') and look_at <= now()
     order by number limit $1`,
    [limit],
  );
  return found.map(firingOf);
}

/** Which firings to list. */
export interface FiringFilter {
  readonly trigger?: string | undefined;
  /** Only firings with a smaller number: the next page. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Firings, the newest first. */
export async function listFirings(sql: Sql, { trigger, before, limit }: FiringFilter): Promise<readonly Firing[]> {
  const found = await sql.rows<FiringRow>(
    `select ${columns} from fairway.trigger_firings where ($1::text is null or trigger = $1) and ($3::bigint is null or number < $3) order by number desc limit $2`,
    [trigger ?? null, limit, before ?? null],
  );
  return found.map(firingOf);
}

/** What has become of a firing. */
export interface FiringOutcome {
  readonly state: FiringState;
  readonly why: string;
  readonly run: RunId | null;
}

/** Notes what has become of a firing. May be repeated; what is decided stays decided. */
export async function decideFiring(
  tx: Transaction,
  { number, trigger }: Firing,
  outcome: FiringOutcome,
): Promise<void> {
  const { state, why, run } = outcome;
  const isOpen = state === "pending" || state === "waiting";
  const [changed] = await tx.rows(
    `update fairway.trigger_firings as f set state = $2, why = $3, run = coalesce($4, f.run), tries = case when $5 then f.tries + 1 else f.tries end,
       look_at = case when $5 then now() + least(10, 1 + f.tries) * interval '1 second' else f.look_at end,
       decided_at = case when $5 then null else now() end
     where number = $1 and state in ('pending', 'waiting')
     returning (f.state, f.why) is distinct from ($2, $3) as news`,
    [number, state, text(why), run, isOpen],
  );
  if (changed !== undefined && !isOpen)
    tx.emit({ kind: "trigger.fired", subject: String(number), body: { trigger, state, why: text(why), run } });
}

/** The newest time of a schedule that was dealt with; null before the first look. */
export async function settledSlot(sql: Sql, trigger: string, schedule: string): Promise<Date | null> {
  const [row] = await sql.rows<{ settled: Date }>(
    "select settled from fairway.trigger_slots where trigger = $1 and schedule = $2",
    [trigger, schedule],
  );
  return row?.settled ?? null;
}

/** Notes that all times of a schedule up to this one were dealt with. It never goes back. */
export async function settleSlot(tx: Sql, trigger: string, schedule: string, settled: Date): Promise<void> {
  await tx.rows(
    `insert into fairway.trigger_slots as s (trigger, schedule, settled) values ($1, $2, $3)
     on conflict (trigger, schedule) do update set settled = greatest(s.settled, excluded.settled)`,
    [trigger, schedule, settled],
  );
}

/** Forgets what fired more than 400 days ago. */
export async function forgetFirings(sql: Sql): Promise<void> {
  await sql.rows("delete from fairway.trigger_firings where fired_at < now() - interval '400 days'");
}
