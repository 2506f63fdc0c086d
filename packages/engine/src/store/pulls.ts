import type { ForgeEvent, OpenPull, PullRequestEvent, Sha } from "@fairway/core";
import type { Sql } from "./store.ts";
import { text } from "./store.ts";

/** A pull request as a forge last told of it. */
export interface KnownPull {
  readonly number: number;
  readonly title: string;
  readonly headRef: string;
  readonly sha: Sha;
  readonly fromFork: boolean;
  readonly openedBy: string;
  readonly isOpen: boolean;
  /** Whether something has happened to it since somebody listens. */
  readonly isNews: boolean;
}

interface PullRow {
  number: number;
  title: string;
  head_ref: string;
  sha: Sha;
  from_fork: boolean;
  opened_by: string;
  is_open: boolean;
  is_news: boolean;
}

const pullOf = ({ head_ref, from_fork, opened_by, is_open, is_news, ...row }: PullRow): KnownPull => ({
  ...row,
  headRef: head_ref,
  fromFork: from_fork,
  openedBy: opened_by,
  isOpen: is_open,
  isNews: is_news,
});

const columns = "number, title, head_ref, sha, from_fork, opened_by, is_open, is_news";

/** The pull requests that a forge has open. */
export async function openPulls(sql: Sql, forge: string): Promise<readonly KnownPull[]> {
  const found = await sql.rows<PullRow>(
    `select ${columns} from fairway.pulls where forge = $1 and is_open order by number`,
    [forge],
  );
  return found.map(pullOf);
}

/**
 * Notes what an event says of a pull request. One that comes late, by the forge's own time of the change, changes nothing; what
 * was looked at has no such time and is how things are now. A closed one of which only the number is known keeps the rest.
 */
export async function notePull(sql: Sql, forge: string, event: ForgeEvent, isNews: boolean): Promise<void> {
  if (event.kind !== "pull-request") return;
  const { number, title, head, base, fromFork, by, state, changedAt } = event;
  if (state === "closed") {
    await sql.rows(
      `update fairway.pulls set is_open = false, changed_at = coalesce($3, changed_at)
       where forge = $1 and number = $2 and (changed_at is null or $3::timestamptz is null or changed_at <= $3)`,
      [forge, number, changedAt],
    );
    return;
  }
  await keepPull(sql, forge, { number, title, head, base, fromFork, by }, isNews, changedAt);
}

/** Notes a pull request that is open. */
export async function keepPull(
  sql: Sql,
  forge: string,
  { number, title, head, base, fromFork, by }: OpenPull | Pick<PullRequestEvent, keyof OpenPull>,
  isNews: boolean,
  changedAt: string | null = null,
): Promise<void> {
  await sql.rows(
    `insert into fairway.pulls as p (forge, number, title, head_ref, sha, base_ref, from_fork, opened_by, is_open, is_news, changed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, true, $9, $10)
     on conflict (forge, number) do update set title = excluded.title, head_ref = excluded.head_ref, sha = excluded.sha,
       base_ref = excluded.base_ref, from_fork = excluded.from_fork, is_open = true, is_news = p.is_news or excluded.is_news,
       changed_at = coalesce(excluded.changed_at, p.changed_at)
     where p.changed_at is null or excluded.changed_at is null or p.changed_at < excluded.changed_at
       or (p.changed_at = excluded.changed_at and p.is_open)`,
    [forge, number, text(title), text(head.ref), head.sha, text(base.ref), fromFork, text(by), isNews, changedAt],
  );
}
