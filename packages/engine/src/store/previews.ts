import type { ProjectPreviews, RunId, Sha, Timestamp } from "@fairway/core";
import { forgetLock } from "./environment-locks.ts";
import type { Sql, Transaction } from "./store.ts";
import { json, text } from "./store.ts";

/**
 * `waiting`: until there is room. `asking`: for somebody's yes to the commit of a fork. `ending`: what it has is taken away.
 */
export type PreviewState = "waiting" | "asking" | "open" | "ending" | "ended";

/** A preview as it stands. */
export interface Preview {
  readonly id: number;
  /** Of its environment, and the first part of its host. */
  readonly name: string;
  /** The pull request that it is for; null where somebody asked for it. */
  readonly pull: number | null;
  readonly ref: string;
  readonly title: string;
  readonly fromFork: boolean;
  /** The commit that it is to show. */
  readonly sha: Sha;
  /** Grows with each other commit. */
  readonly turn: number;
  readonly state: PreviewState;
  readonly why: string;
  readonly approvedSha: Sha | null;
  readonly approvedBy: string | null;
  /** As they were when it was opened. */
  readonly settings: ProjectPreviews;
  readonly hosts: readonly string[];
  readonly url: string | null;
  readonly openedBy: string;
  readonly openedAt: Timestamp;
  /** When somebody last asked for it, or pushed. */
  readonly usedAt: Timestamp;
  readonly asleepSince: Timestamp | null;
  readonly releaseTurn: number | null;
  readonly releaseRun: RunId | null;
  readonly deployRun: RunId | null;
  readonly endRun: RunId | null;
  readonly endedFor: PreviewEnd | null;
  readonly endedAt: Timestamp | null;
}

/** Why one has ended: what it was for is closed, nobody used it, somebody asked, or there are to be none any more. */
export type PreviewEnd = "closed" | "idle" | "person" | "settings";

interface PreviewRow {
  id: number;
  name: string;
  pull: number | null;
  ref: string;
  title: string;
  from_fork: boolean;
  sha: Sha;
  turn: number;
  state: PreviewState;
  why: string;
  approved_sha: Sha | null;
  approved_by: string | null;
  settings: ProjectPreviews;
  hosts: readonly string[];
  url: string | null;
  opened_by: string;
  opened_at: Date;
  used_at: Date;
  asleep_since: Date | null;
  release_turn: number | null;
  release_run: RunId | null;
  deploy_run: RunId | null;
  end_run: RunId | null;
  ended_for: PreviewEnd | null;
  ended_at: Date | null;
}

const previewOf = (row: PreviewRow): Preview => ({
  id: row.id,
  name: row.name,
  pull: row.pull,
  ref: row.ref,
  title: row.title,
  fromFork: row.from_fork,
  sha: row.sha,
  turn: row.turn,
  state: row.state,
  why: row.why,
  approvedSha: row.approved_sha,
  approvedBy: row.approved_by,
  settings: row.settings,
  hosts: row.hosts,
  url: row.url,
  openedBy: row.opened_by,
  openedAt: row.opened_at.toISOString(),
  usedAt: row.used_at.toISOString(),
  asleepSince: row.asleep_since?.toISOString() ?? null,
  releaseTurn: row.release_turn,
  releaseRun: row.release_run,
  deployRun: row.deploy_run,
  endRun: row.end_run,
  endedFor: row.ended_for,
  endedAt: row.ended_at?.toISOString() ?? null,
});

/** A preview before it is written down. */
export type NewPreview = Pick<
  Preview,
  "name" | "pull" | "ref" | "title" | "fromFork" | "sha" | "state" | "why" | "settings" | "openedBy"
>;

/** Writes down that there is to be a preview; null when one of its name has not ended yet. */
export async function keepPreview(tx: Transaction, one: NewPreview): Promise<Preview | null> {
  const [row] = await tx.rows<PreviewRow>(
    `insert into fairway.previews (name, pull, ref, title, from_fork, sha, state, why, settings, opened_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (name) where state <> 'ended' do nothing returning *`,
    [
      one.name,
      one.pull,
      text(one.ref),
      text(one.title),
      one.fromFork,
      one.sha,
      one.state,
      text(one.why),
      json(one.settings),
      text(one.openedBy),
    ],
  );
  if (row === undefined) return null;
  const kept = previewOf(row);
  tellOf(tx, kept);
  return kept;
}

/** Previews that have not ended, the oldest first. */
export async function livePreviews(sql: Sql): Promise<readonly Preview[]> {
  return (await sql.rows<PreviewRow>("select * from fairway.previews where state <> 'ended' order by id")).map(
    previewOf,
  );
}

/** A page of previews, the newest first. */
export async function listPreviews(
  sql: Sql,
  { ended, limit, before = null }: { readonly ended: boolean; readonly limit: number; readonly before?: number | null },
): Promise<readonly Preview[]> {
  const rows = await sql.rows<PreviewRow>(
    `select * from fairway.previews where ($1 or state <> 'ended') and ($3::bigint is null or id < $3)
     order by id desc limit $2`,
    [ended, limit, before],
  );
  return rows.map(previewOf);
}

/** The one of this name that has not ended, else the last that has; null when there never was one. */
export async function previewByName(sql: Sql, name: string): Promise<Preview | null> {
  const [row] = await sql.rows<PreviewRow>(
    "select * from fairway.previews where name = $1 order by state = 'ended', id desc limit 1",
    [text(name)],
  );
  return row === undefined ? null : previewOf(row);
}

/** One of them; null when there is none with this number. */
export async function previewById(sql: Sql, id: number): Promise<Preview | null> {
  const [row] = await sql.rows<PreviewRow>("select * from fairway.previews where id = $1", [id]);
  return row === undefined ? null : previewOf(row);
}

/** The preview that a run makes, deploys or ends; null for a run of anything else. */
export async function previewOfRun(sql: Sql, run: RunId): Promise<Preview | null> {
  const [row] = await sql.rows<PreviewRow>(
    "select * from fairway.previews where $1 in (release_run, deploy_run, end_run) order by id desc limit 1",
    [run],
  );
  return row === undefined ? null : previewOf(row);
}

/** The last preview of each pull request, as far as it has ended. */
export async function endedOfPulls(sql: Sql, pulls: readonly number[]): Promise<ReadonlyMap<number, Preview>> {
  const found = await sql.rows<PreviewRow>(
    "select distinct on (pull) * from fairway.previews where pull = any($1) order by pull, id desc",
    [pulls],
  );
  return new Map(
    found.map(previewOf).flatMap((one) => (one.state === "ended" && one.pull !== null ? [[one.pull, one]] : [])),
  );
}

/** What changes of a preview. */
export interface PreviewChange {
  readonly sha?: Sha;
  readonly turn?: number;
  readonly title?: string;
  readonly fromFork?: boolean;
  readonly state?: PreviewState;
  readonly why?: string;
  readonly approvedSha?: Sha;
  readonly approvedBy?: string;
  readonly hosts?: readonly string[];
  readonly url?: string | null;
  readonly usedAt?: Date;
  readonly asleepSince?: Date | null;
  readonly releaseTurn?: number | null;
  readonly releaseRun?: RunId | null;
  readonly deployRun?: RunId | null;
  readonly endRun?: RunId | null;
  readonly endedFor?: PreviewEnd;
  readonly endedAt?: Date;
}

const columnOf: Readonly<Record<keyof PreviewChange, string>> = {
  sha: "sha",
  turn: "turn",
  title: "title",
  fromFork: "from_fork",
  state: "state",
  why: "why",
  approvedSha: "approved_sha",
  approvedBy: "approved_by",
  hosts: "hosts",
  url: "url",
  usedAt: "used_at",
  asleepSince: "asleep_since",
  releaseTurn: "release_turn",
  releaseRun: "release_run",
  deployRun: "deploy_run",
  endRun: "end_run",
  endedFor: "ended_for",
  endedAt: "ended_at",
};

/**
 * Changes a preview that stands as it was read: nothing where it has another commit or has begun to end meanwhile. Answers with
 * how it stands now; null where nothing was changed.
 */
export async function changePreview(tx: Transaction, before: Preview, change: PreviewChange): Promise<Preview | null> {
  const entries = Object.entries(change).filter(([, value]) => value !== undefined) as [keyof PreviewChange, unknown][];
  const assignments = entries.map(([key], index) => `${columnOf[key]} = $${index + 4}`).join(", ");
  const values = entries.map(([, value]) => (typeof value === "string" ? text(value) : value));
  const [row] = await tx.rows<PreviewRow>(
    `update fairway.previews set ${assignments} where id = $1 and turn = $2 and state = $3 returning *`,
    [before.id, before.turn, before.state, ...values],
  );
  if (row === undefined) return null;
  const now = previewOf(row);
  // That somebody used it is no news.
  if (entries.some(([key]) => key !== "usedAt")) tellOf(tx, now);
  return now;
}

const tellOf = (tx: Transaction, { name, state, sha, url, why, asleepSince }: Preview): void =>
  tx.emit({ kind: "preview.changed", subject: name, body: { state, sha, url, why, asleep: asleepSince !== null } });

/** Forgets previews that ended more than 400 days ago. */
export async function forgetPreviews(sql: Sql): Promise<void> {
  await sql.rows("delete from fairway.previews where ended_at < now() - interval '400 days'");
}

/**
 * What an environment leaves in the rows that say what runs where: its deployments, and its lock. What comes next under the
 * same name begins with nothing, and above every fence that was drawn.
 */
export async function forgetEnvironment(tx: Transaction, environment: string): Promise<void> {
  await tx.rows("delete from fairway.deployments where environment = $1", [environment]);
  await forgetLock(tx, environment);
}
