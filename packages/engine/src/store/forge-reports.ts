import type { ForgeReport, Millis, ReportReceipt } from "@fairway/core";
import type { Sql } from "./store.ts";
import { json, text } from "./store.ts";

/** Something that a forge is to be told. */
export interface OpenReport {
  readonly number: number;
  readonly key: string;
  readonly report: ForgeReport;
  readonly version: number;
  /** The forge's own name for it, once it was told before. */
  readonly remoteId: string | null;
  readonly tries: number;
}

/**
 * Writes down what a forge is to be told under a key, in the transaction in which it became so. What was to be told under the
 * key before and has not gone out is overtaken; the same again is no news.
 */
export async function keepReport(tx: Sql, forge: string, key: string, report: ForgeReport): Promise<void> {
  await tx.rows(
    `insert into fairway.forge_reports as r (forge, key, body, state) values ($1, $2, $3, 'waiting')
     on conflict (forge, key) do update set body = excluded.body, version = r.version + 1, state = 'waiting', tries = 0,
       look_at = now(), why = null
     where r.body::text <> excluded.body::text`,
    [forge, text(key), json(report)],
  );
}

/** What is to be told now, the oldest first. */
export async function openReports(sql: Sql, forge: string, limit = 20): Promise<readonly OpenReport[]> {
  return sql.rows<OpenReport>(
    `select number::float8 as number, key, body as report, version, remote_id as "remoteId", tries from fairway.forge_reports
     where forge = $1 and state = 'waiting' and look_at <= now() order by number limit $2`,
    [forge, limit],
  );
}

/** After so many tries over about four days nobody waits for it. */
const mostTries = 100;
const longestPause: Millis = 3_600_000;

/** Notes how telling went. What has become of it meanwhile is told next. */
export async function noteReceipt(
  sql: Sql,
  { number, version, tries }: OpenReport,
  receipt: ReportReceipt,
): Promise<void> {
  if (receipt.outcome === "told") {
    await sql.rows(
      `update fairway.forge_reports set sent_version = greatest(sent_version, $2), remote_id = coalesce($3, remote_id), why = null,
         tries = 0, told_at = now(), state = case when version = $2 then 'told' else state end where number = $1`,
      [number, version, receipt.id],
    );
    return;
  }
  const given = receipt.outcome === "refused" || tries >= mostTries;
  const pause =
    receipt.outcome === "later" && receipt.after !== null
      ? receipt.after
      : Math.min(longestPause, 2_000 * 2 ** Math.min(tries, 11));
  await sql.rows(
    `update fairway.forge_reports set why = $3, tries = tries + 1, look_at = now() + $4 * interval '1 millisecond',
       state = case when $5 and version = $2 then 'dropped' else state end where number = $1`,
    [number, version, text(receipt.why.slice(0, 2000)), pause, given],
  );
}

/** What was given up within a week, by forge, with why the newest was. After that nobody looks at the commit any more. */
export const droppedReports = (
  sql: Sql,
): Promise<readonly { readonly forge: string; readonly count: number; readonly why: string }[]> =>
  sql.rows(
    `select distinct on (forge) forge, count(*) over (partition by forge)::int as count, why
     from fairway.forge_reports where state = 'dropped' and look_at > now() - interval '7 days' order by forge, look_at desc`,
  );

/** Tells anew what was given up. Answers with how many. */
export async function retryReports(sql: Sql): Promise<number> {
  const again = await sql.rows(
    "update fairway.forge_reports set state = 'waiting', tries = 0, look_at = now() where state = 'dropped' returning number",
  );
  return again.length;
}
