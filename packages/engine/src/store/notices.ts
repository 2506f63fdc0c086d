import type { Millis, Notice, Timestamp } from "@fairway/core";
import type { Sql, Transaction } from "./store.ts";
import { json, text } from "./store.ts";

/** The setting that holds the place up to which what happened was told. */
export const noticesSeen = "notices.seen";

/** A notice on its way to one channel. */
export interface KeptNotice {
  readonly number: number;
  readonly channel: string;
  readonly notice: Notice;
  readonly state: "waiting" | "told" | "dead";
  readonly tries: number;
  /** Why it has not arrived yet, or never will. */
  readonly why: string | null;
  readonly madeAt: Timestamp;
  readonly endedAt: Timestamp | null;
}

/** One that is due, with what is known of its thread. */
export interface DueNotice extends KeptNotice {
  readonly uncertain: boolean;
  /** Where the first of its thread is found. */
  readonly threadReference: string | null;
}

type Row = Omit<KeptNotice, "madeAt" | "endedAt"> & { readonly made_at: Date; readonly ended_at: Date | null };

const columns = "number::float8 as number, channel, notice, state, tries, why, made_at, ended_at";
const keptOf = ({ made_at, ended_at, ...row }: Row): KeptNotice => ({
  ...row,
  madeAt: made_at.toISOString(),
  endedAt: ended_at?.toISOString() ?? null,
});

/** Has a channel told of something, once; a second time about the same is no news. */
export async function putNotice(tx: Transaction, channel: string, about: string, notice: Notice): Promise<void> {
  const [put] = await tx.rows(
    "insert into fairway.notices (channel, about, thread, notice) values ($1, $2, $3, $4) on conflict do nothing returning number",
    [channel, text(about), text(notice.thread), json(notice)],
  );
  if (put !== undefined) tx.emit({ kind: "notices.changed", subject: text(channel), body: {} });
}

/**
 * Takes what is due, each for so long that others leave it alone. Of a thread only the oldest: they arrive in their order.
 * From here until the outcome is written down nobody knows whether it arrived.
 */
export async function takeDue(sql: Sql, most: number, hold: Millis): Promise<readonly DueNotice[]> {
  const found = await sql.rows<Row & { readonly uncertain: boolean; readonly thread_reference: string | null }>(
    `with due as (
       select number, uncertain from fairway.notices n
       where state = 'waiting' and look_at <= now() and not exists (
         select from fairway.notices earlier
         where earlier.channel = n.channel and earlier.thread = n.thread and earlier.number < n.number and earlier.state = 'waiting')
       order by look_at limit $1 for update skip locked)
     update fairway.notices n
     set tries = n.tries + 1, uncertain = true, look_at = now() + $2 * interval '1 millisecond'
     from due where due.number = n.number
     returning n.number::float8 as number, n.channel, n.notice, n.state, n.tries, n.why, n.made_at, n.ended_at, due.uncertain,
       (select t.reference from fairway.notices t
        where t.channel = n.channel and t.thread = n.thread and t.number < n.number and t.reference is not null
        order by t.number limit 1) as thread_reference`,
    [most, hold],
  );
  return found.map(({ uncertain, thread_reference: threadReference, ...row }) => ({
    ...keptOf(row),
    uncertain,
    threadReference,
  }));
}

/** It has arrived. */
export async function noticeTold(
  tx: Transaction,
  { number, channel }: Pick<KeptNotice, "number" | "channel">,
  reference: string | null,
): Promise<void> {
  await tx.rows(
    `update fairway.notices set state = 'told', uncertain = false, why = null, reference = $2, ended_at = now() where number = $1`,
    [number, reference],
  );
  tx.emit({ kind: "notices.changed", subject: text(channel), body: {} });
}

/** It has not: it is tried again after a while, or with null never. */
export async function noticeRefused(
  tx: Transaction,
  { number, channel }: Pick<KeptNotice, "number" | "channel">,
  { why, uncertain, after }: { readonly why: string; readonly uncertain: boolean; readonly after: Millis | null },
): Promise<void> {
  await tx.rows(
    `update fairway.notices set why = $2, uncertain = $3, state = case when $4::float8 is null then 'dead' else 'waiting' end,
       look_at = now() + coalesce($4::float8, 0) * interval '1 millisecond',
       ended_at = case when $4::float8 is null then now() end
     where number = $1 and state = 'waiting'`,
    [number, text(why), uncertain, after],
  );
  tx.emit({ kind: "notices.changed", subject: text(channel), body: {} });
}

/**
 * Hands what does not arrive on to the first of these channels that has not got it; nothing where another has been told, or is
 * still to be asked often enough. Two that give up at the same moment come here one after the other: neither takes the other
 * for one that is still asked.
 */
export async function handOn(tx: Transaction, number: number, to: readonly string[], enough: number): Promise<void> {
  await tx.rows(
    "select pg_advisory_xact_lock(hashtext('fairway.notices ' || about)) from fairway.notices where number = $1",
    [number],
  );
  const [put] = await tx.rows<{ channel: string }>(
    `insert into fairway.notices (channel, about, thread, notice)
     select c.channel, n.about, n.thread, n.notice from fairway.notices n
     cross join unnest($2::text[]) with ordinality as c(channel, place)
     where n.number = $1
       and not exists (select from fairway.notices t where t.thread = n.thread and t.about = n.about and t.number <> n.number
         and (t.state = 'told' or (t.state = 'waiting' and t.tries < $3)))
       and not exists (select from fairway.notices t where t.channel = c.channel and t.about = n.about)
     order by c.place limit 1 on conflict do nothing returning channel`,
    [number, to, enough],
  );
  if (put !== undefined) tx.emit({ kind: "notices.changed", subject: text(put.channel), body: {} });
}

/** The channels that have got, or are to get, something of a thread whose name begins so. */
export async function channelsOf(sql: Sql, thread: string, about: string): Promise<readonly string[]> {
  const rows = await sql.rows<{ channel: string }>(
    "select distinct channel from fairway.notices where thread = $1 and starts_with(about, $2)",
    [text(thread), text(about)],
  );
  return rows.map(({ channel }) => channel);
}

/** Which notices to list. */
export interface NoticeFilter {
  readonly state?: KeptNotice["state"] | undefined;
  readonly channel?: string | undefined;
  /** Only notices with a smaller number: the next page. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** The notices, newest first. */
export async function listNotices(
  sql: Sql,
  { state, channel, before, limit }: NoticeFilter,
): Promise<readonly KeptNotice[]> {
  const found = await sql.rows<Row>(
    `select ${columns} from fairway.notices
     where ($1::text is null or state = $1) and ($2::text is null or channel = $2)
       and ($4::bigint is null or number < $4) order by number desc limit $3`,
    [state ?? null, channel ?? null, limit, before ?? null],
  );
  return found.map(keptOf);
}

/** How many were given up, by channel, with why the newest was. */
export const deadNotices = (
  sql: Sql,
): Promise<readonly { readonly channel: string; readonly count: number; readonly why: string }[]> =>
  sql.rows(
    `select distinct on (channel) channel, count(*) over (partition by channel)::int as count, why
     from fairway.notices where state = 'dead' order by channel, number desc`,
  );

/** Tries again what was given up; with a number that one. Answers with how many. */
export async function retryNotices(tx: Transaction, number: number | null): Promise<number> {
  const again = await tx.rows<{ readonly channel: string }>(
    `update fairway.notices set state = 'waiting', tries = 0, look_at = now(), ended_at = null
     where state = 'dead' and ($1::bigint is null or number = $1) returning channel`,
    [number],
  );
  for (const channel of new Set(again.map((one) => one.channel)))
    tx.emit({ kind: "notices.changed", subject: text(channel), body: {} });
  return again.length;
}

/** Forgets what arrived long ago. */
export async function forgetNotices(sql: Sql, olderThan: Millis): Promise<void> {
  await sql.rows(
    "delete from fairway.notices where state = 'told' and ended_at < now() - $1 * interval '1 millisecond'",
    [olderThan],
  );
}
