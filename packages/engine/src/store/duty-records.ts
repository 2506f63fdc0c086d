import type { AuditEntry, DutyRecord, Evidence, EvidenceOutcome, NewEvidence, ReleaseId, Waiver } from "@fairway/core";
import { evidenceKey } from "@fairway/core";
import { recordChange } from "./audit.ts";
import type { Sql, Transaction } from "./store.ts";

/** Puts on record what somebody or a program has found of a duty. */
export function recordEvidence(tx: Transaction, { environment, ...evidence }: NewEvidence): void {
  const { facts, artifacts, ...rest } = evidence;
  recordChange(tx, `evidence.${evidence.outcome}`, {
    subject: evidenceKey(evidence.duty, evidence.release),
    environment,
    detail: { ...rest, facts: { ...facts }, artifacts: artifacts.map((artifact) => ({ ...artifact })) },
  });
}

/**
 * The rows of evidence that rows up to a number correct: what was put down wrongly counts no more, whenever it was so. There
 * are few of them and an index of these alone, so all are asked for at once; to ask it of each row made decisions three times
 * as slow.
 */
async function correctedRows(sql: Sql, head: number): Promise<readonly string[]> {
  const rows = await sql.rows<{ row: string }>(
    `select entry::json->'detail'->>'corrects' as row from fairway.audit
     where action in ('evidence.passed', 'evidence.failed', 'evidence.partial')
       and entry::json->'detail'->>'corrects' is not null and number <= $1`,
    [head],
  );
  return rows.map(({ row }) => row);
}

/** Which records are asked for. */
export interface DutyRecordsQuery {
  readonly duty: string;
  /** Of a duty that is owed for each release. */
  readonly release: string | null;
}

/** The newest rows of the record up to which is looked; all when left out. */
const everything = Number.MAX_SAFE_INTEGER;

/**
 * What is on record of duties, by their ids; of each what passed last, what was looked at last and what passes it over: by when
 * it was so, whenever it was put on record. With `head` only rows up to that number: what was known then. With `at` all waivers
 * that are in force at that moment; the newest eight, over or not, without.
 */
export async function dutyRecords(
  sql: Sql,
  asked: readonly DutyRecordsQuery[],
  { head = everything, at }: { readonly head?: number | undefined; readonly at?: number | undefined } = {},
): Promise<ReadonlyMap<string, DutyRecord>> {
  const keys = asked.map(({ duty, release }) => evidenceKey(duty, release));
  // Each action written out: the server uses the small index only for what it knows beforehand.
  const found = await sql.rows<{ place: number; action: string; entry: string }>(
    `select k.place::int as place, e.action, e.entry
     from unnest($1::text[], $2::text[]) with ordinality as k(key, duty, place)
     cross join lateral (
       (select action, entry from fairway.audit where subject = k.key and action = 'evidence.passed' and number <= $3 and number <> all($4::bigint[]) order by entry::json->'detail'->>'observedAt' desc, number desc limit 1)
       union all
       (select action, entry from fairway.audit where subject = k.key and action = 'evidence.failed' and number <= $3 and number <> all($4::bigint[]) order by entry::json->'detail'->>'observedAt' desc, number desc limit 1)
       union all
       (select action, entry from fairway.audit where subject = k.key and action = 'evidence.partial' and number <= $3 and number <> all($4::bigint[]) order by entry::json->'detail'->>'observedAt' desc, number desc limit 1)
       union all
       (select action, entry from fairway.audit where subject = k.duty and action = 'duty.waived' and number <= $3
          and ($5::text is null or entry::json->'detail'->>'until' > $5) order by number desc limit case when $5 is null then 8 end)
     ) as e`,
    [
      ...[keys, asked.map(({ duty }) => duty), head, await correctedRows(sql, head)],
      at === undefined ? null : new Date(at).toISOString(),
    ],
  );
  const byPlace = new Map<number, (typeof found)[number][]>();
  for (const row of found) byPlace.set(row.place, [...(byPlace.get(row.place) ?? []), row]);
  return new Map(
    asked.map(({ duty }, index) => {
      const rows = byPlace.get(index + 1) ?? [];
      const evidence = rows.filter(({ action }) => action !== "duty.waived").map(({ entry }) => evidenceOf(entry));
      const waivers = rows.filter(({ action }) => action === "duty.waived").map(({ entry }) => waiverOf(entry));
      const passed = evidence.find(({ outcome }) => outcome === "passed") ?? null;
      return [duty, { passed, newest: evidence.toSorted(byTime).at(-1) ?? null, waivers }] as const;
    }),
  );
}

/** By when it was so, and where that is the same by when it was put on record. */
const byTime = (one: Evidence, other: Evidence): number =>
  one.observedAt.localeCompare(other.observedAt) || one.number - other.number;

/** Whether a row of the record is evidence of this. */
export async function isEvidenceOf(sql: Sql, query: DutyRecordsQuery, number: number): Promise<boolean> {
  const rows = await sql.rows(
    "select from fairway.audit where number = $1 and subject = $2 and action like 'evidence.%'",
    [number, evidenceKey(query.duty, query.release)],
  );
  return rows.length > 0;
}

/** Everything on record of a duty, the newest first. */
export async function evidenceAbout(
  sql: Sql,
  query: DutyRecordsQuery & { readonly limit: number },
): Promise<readonly Evidence[]> {
  const rows = await sql.rows<{ entry: string }>(
    `select entry from fairway.audit where subject = $1 and action like 'evidence.%' order by number desc limit $2`,
    [evidenceKey(query.duty, query.release), query.limit],
  );
  return rows.map(({ entry }) => evidenceOf(entry));
}

/** When duties were shown since a moment, by their ids: what settles the times of a calendar. */
export async function passedSince(
  sql: Sql,
  duties: readonly string[],
  since: Date,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await sql.rows<{ subject: string; times: readonly string[] }>(
    `select subject, json_agg(entry::json->'detail'->>'observedAt') as times from fairway.audit
     where action = 'evidence.passed' and subject = any($1) and at >= $2 and number <> all($3::bigint[]) group by subject`,
    [duties, since, await correctedRows(sql, everything)],
  );
  return new Map(rows.map(({ subject, times }) => [subject, times]));
}

/** So many releases are looked at: what is older goes nowhere any more. */
const releasesBack = 100;

/** Releases since a day of which nothing is on record of a duty, the oldest first; previews' are none. */
export async function releasesUnshown(sql: Sql, duty: string, since: string): Promise<readonly ReleaseId[]> {
  const rows = await sql.rows<{ id: ReleaseId }>(
    `select id from (
       select id, number from fairway.releases where preview is null and created_at >= coalesce(nullif($2, ''), '-infinity')::timestamptz
       order by number desc limit ${releasesBack}) as r
     where not exists (select 1 from fairway.audit a where a.subject = $1 || '#' || r.id and a.action like 'evidence.%')
     order by number`,
    [duty, since],
  );
  return rows.map(({ id }) => id);
}

/**
 * What was shown last of duties that are owed for each release, of whichever release it was, by their ids; previews' are none.
 */
export async function newestOfReleases(sql: Sql, duties: readonly string[]): Promise<ReadonlyMap<string, Evidence>> {
  const rows = await sql.rows<{ duty: string; entry: string }>(
    `select k.duty, e.entry from unnest($1::text[]) as k(duty) cross join lateral (
       select a.entry from (
         select id from fairway.releases where preview is null order by number desc limit ${releasesBack}) as r
       join fairway.audit a on a.subject = k.duty || '#' || r.id
         and a.action in ('evidence.passed', 'evidence.failed', 'evidence.partial') and a.number <> all($2::bigint[])
       order by a.entry::json->'detail'->>'observedAt' desc, a.number desc limit 1) as e`,
    [duties, await correctedRows(sql, everything)],
  );
  return new Map(rows.map(({ duty, entry }) => [duty, evidenceOf(entry)]));
}

/** The end of the record. */
export async function endOfRecord(sql: Sql): Promise<number> {
  const [row] = await sql.rows<{ number: number }>(
    "select coalesce(max(number), 0)::float8 as number from fairway.audit",
  );
  return row?.number ?? 0;
}

function evidenceOf(text: string): Evidence {
  const { number, at, actor, action, environment, detail } = JSON.parse(text) as AuditEntry;
  const given = detail as unknown as Omit<NewEvidence, "environment">;
  const outcome = action.slice("evidence.".length) as EvidenceOutcome;
  return { ...given, environment, outcome, number, recordedAt: at, by: actor };
}

function waiverOf(text: string): Waiver {
  const { number, at, actor, subject, detail } = JSON.parse(text) as AuditEntry;
  const { because, until, release } = detail as unknown as Pick<Waiver, "because" | "until" | "release">;
  const names = [actor.name, actor.id, ...(actor.owner === undefined ? [] : [actor.owner.name, actor.owner.id])];
  return { number, duty: subject, release, because, until, by: actor.name, names, at };
}
