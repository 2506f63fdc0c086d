import type { Timestamp } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Sql } from "./store.ts";

/** What a look for troubles finds in the database. */
export interface DoctorFacts {
  /** Whether the server keeps what it has acknowledged when the power goes. */
  readonly durable: boolean;
  readonly connections: { readonly used: number; readonly most: number };
  /** Runs that a person must look at. */
  readonly attention: readonly string[];
  /** Firings of triggers that failed within a day, with why the newest did. */
  readonly failedFirings: { readonly count: number; readonly why: string | null };
  /** For how long the oldest webhook has waited to be read, in seconds; null when none waits. */
  readonly oldestWebhook: number | null;
  readonly lastBackup: Timestamp | null;
  readonly auditRows: number;
  readonly people: { readonly all: number; readonly admins: number };
  /** Tokens that were used within a month and end within two weeks. */
  readonly endingTokens: readonly string[];
}

const list = (question: string): string => `(select coalesce(json_agg(one), '[]') from (${question}) as found(one))`;

/** All of it in one question. */
export async function doctorFacts(sql: Sql): Promise<DoctorFacts> {
  const [row] = await sql.rows<{ readonly facts: Omit<DoctorFacts, "lastBackup">; readonly backup: Date | null }>(
    `select (select max(at) from fairway.audit where action = 'backup.made') as backup, json_build_object(
       'durable', current_setting('fsync') = 'on' and current_setting('full_page_writes') = 'on'
         and current_setting('synchronous_commit') <> 'off',
       'connections', json_build_object('used', (select count(*)::int from pg_stat_activity where backend_type = 'client backend'),
         'most', current_setting('max_connections')::int),
       'attention', ${list(
         "select id from fairway.runs where attention is not null and created_at > now() - interval '30 days' order by number desc limit 5",
       )},
       'failedFirings', (select json_build_object('count', count(*)::int, 'why', (array_agg(why order by number desc))[1])
         from fairway.trigger_firings where state = 'failed' and fired_at > now() - interval '1 day'),
       'oldestWebhook', (select extract(epoch from now() - min(received_at))::float8 from fairway.deliveries where state = 'new'),
       'auditRows', (select coalesce(max(number), 0)::float8 from fairway.audit),
       'people', json_build_object('all', (select count(*)::int from fairway.people where disabled_at is null),
         'admins', (select count(distinct p.number)::int from fairway.people p join fairway.role_grants g on g.person = p.number
            where p.disabled_at is null and g.role = 'admin' and g.project is null and g.environment is null)),
       'endingTokens', ${list(
         `select name from fairway.api_tokens where revoked_at is null and expires_at between now() and now() + interval '14 days'
            and last_used_at > now() - interval '30 days' order by expires_at limit 5`,
       )}) as facts`,
  );
  if (row === undefined)
    throw new FairwayError("internal", "the database answered a question without tables with no row");
  return { ...row.facts, lastBackup: row.backup?.toISOString() ?? null };
}
