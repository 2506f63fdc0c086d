import { createHash } from "node:crypto";
import type { Sql } from "../store/store.ts";
import type { KnownValue } from "./known-values.ts";
import { secretPatterns } from "./secret-patterns.ts";

/** What a scan of logs looks for, as a hash: with another value of the store or another rule it looks at old logs again. */
export function knowledgeOf(values: readonly KnownValue[], nameOf: (value: string) => string): string {
  const known = values.map(({ credential, value }) => `${credential} ${nameOf(value)}`).toSorted();
  const rules = secretPatterns.map(({ rule, pattern }) => `${rule} ${pattern.source}`);
  return createHash("sha256")
    .update(JSON.stringify([known, rules]))
    .digest("hex");
}

/** Of these runs those whose logs were not found clean by what is known now, since they have ended. */
export async function runsToRead(sql: Sql, runs: readonly string[], knowledge: string): Promise<readonly string[]> {
  const clean = await sql.rows<{ run: string }>(
    `select c.run from fairway.clean_logs c join fairway.runs r on r.id = c.run
     where c.run = any($1) and c.knowledge = $2 and r.ended_at = c.ended_at`,
    [runs, knowledge],
  );
  const known = new Set(clean.map(({ run }) => run));
  return runs.filter((run) => !known.has(run));
}

/** When each of these runs has ended: asked before its logs are read, so that what is written after is read again. */
export async function endsOf(sql: Sql, runs: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const ended = await sql.rows<{ id: string; at: string }>(
    "select id, ended_at::text as at from fairway.runs where id = any($1) and ended_at is not null",
    [runs],
  );
  return Object.fromEntries(ended.map(({ id, at }) => [id, at]));
}

/** Keeps that the logs of runs were found clean. One that is gone meanwhile is passed over. */
export async function keepClean(sql: Sql, runs: Readonly<Record<string, string>>, knowledge: string): Promise<void> {
  await sql.rows(
    `insert into fairway.clean_logs (run, ended_at, knowledge)
     select u.run, u.at::timestamptz, $3 from unnest($1::text[], $2::text[]) as u (run, at) join fairway.runs r on r.id = u.run
     on conflict (run) do update set ended_at = excluded.ended_at, knowledge = excluded.knowledge`,
    [Object.keys(runs), Object.values(runs), knowledge],
  );
}
