import type { ApprovalTerms, RunId, State, Timestamp } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Attention, Json, RunPlan } from "../runs/stage.ts";
import type { Sql, Transaction } from "./store.ts";
import { json, text } from "./store.ts";

/** A person's word that a run stays where it is. */
export interface Pause {
  readonly by: string;
  readonly because: string | null;
  readonly since: Timestamp;
}

/** What is read wherever something is held by it. */
export const pausedWords = ({ by, because }: Pick<Pause, "by" | "because">): string =>
  `${by} paused it${because === null ? "" : `: ${because}`}`;

/** One durable execution: a graph of jobs. */
export interface Run {
  readonly id: RunId;
  readonly number: number;
  readonly kind: RunPlan["kind"];
  /** One line for people: `deploy r3 to production`. */
  readonly title: string;
  readonly subject: Json;
  readonly requestedBy: string;
  /** What answers to it are held to. */
  readonly terms: ApprovalTerms;
  readonly state: State;
  /** A person asked for it to stop. */
  readonly stopping: boolean;
  readonly stoppedBy: string | null;
  /** Whoever stopped it wants what is half done left so: what puts things right waits. */
  readonly frozen: boolean;
  /** Somebody holds it where it is; null while it goes on. */
  readonly paused: Pause | null;
  readonly attention: Attention | null;
  readonly createdAt: Timestamp;
  readonly startedAt: Timestamp | null;
  readonly endedAt: Timestamp | null;
}

interface RunRow {
  id: RunId;
  number: number;
  kind: RunPlan["kind"];
  title: string;
  subject: Json;
  requested_by: string;
  approval_terms: ApprovalTerms | null;
  state: State;
  stopping: boolean;
  stopped_by: string | null;
  frozen: boolean;
  paused_by: string | null;
  paused_because: string | null;
  paused_at: Date | null;
  attention: Attention | null;
  created_at: Date;
  started_at: Date | null;
  ended_at: Date | null;
}

const columns = `id, number::float8 as number, kind, title, subject, requested_by, approval_terms, state, stopping, stopped_by, frozen,
  paused_by, paused_because, paused_at, attention, created_at, started_at, ended_at`;

const runOf = (row: RunRow): Run => ({
  id: row.id,
  number: row.number,
  kind: row.kind,
  title: row.title,
  subject: row.subject,
  requestedBy: row.requested_by,
  terms: row.approval_terms ?? {},
  state: row.state,
  stopping: row.stopping,
  stoppedBy: row.stopped_by,
  frozen: row.frozen,
  paused:
    row.paused_at === null
      ? null
      : { by: row.paused_by ?? "", because: row.paused_because, since: row.paused_at.toISOString() },
  attention: row.attention,
  createdAt: row.created_at.toISOString(),
  startedAt: row.started_at?.toISOString() ?? null,
  endedAt: row.ended_at?.toISOString() ?? null,
});

/** Writes a run and its jobs down; undefined when a run with this key exists already. */
export async function insertRun(tx: Transaction, plan: RunPlan, key: string | null): Promise<Run | undefined> {
  const [row] = await tx.rows<RunRow>(
    `insert into fairway.runs (key, kind, title, subject, requested_by, approval_terms, environment) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (key) do nothing returning ${columns}`,
    [
      key,
      plan.kind,
      text(plan.title),
      json(plan.subject),
      text(plan.requestedBy),
      plan.terms ? json(plan.terms) : null,
      environmentOfSubject(plan.subject),
    ],
  );
  if (row === undefined) return undefined;
  const run = runOf(row);
  tx.emit({
    kind: "run.created",
    subject: run.id,
    body: { kind: run.kind, title: run.title, requestedBy: run.requestedBy },
  });
  return run;
}

/** The environment that a run says it is about; null for one of the project as a whole. */
function environmentOfSubject(subject: Json): string | null {
  const { environment } = (subject ?? {}) as { readonly environment?: unknown };
  return typeof environment === "string" ? text(environment) : null;
}

/** The run that was started with this key. */
export async function runByKey(sql: Sql, key: string): Promise<Run | undefined> {
  const [row] = await sql.rows<RunRow>(`select ${columns} from fairway.runs where key = $1`, [key]);
  return row && runOf(row);
}

/** Throws `not_found`. */
export async function runById(sql: Sql, id: RunId): Promise<Run> {
  const [row] = await sql.rows<RunRow>(`select ${columns} from fairway.runs where id = $1`, [id]);
  if (row === undefined) throw noSuchRun(id);
  return runOf(row);
}

/** The run, held until the transaction ends: whoever decides what comes next in a run decides alone. */
export async function holdRun(tx: Transaction, id: RunId): Promise<Run> {
  const [row] = await tx.rows<RunRow>(`select ${columns} from fairway.runs where id = $1 for update`, [id]);
  if (row === undefined) throw noSuchRun(id);
  return runOf(row);
}

const noSuchRun = (id: string): FairwayError =>
  new FairwayError("not_found", `there is no run "${id}"`, { hint: "`fairway runs` lists them" });

/** Which runs to list. */
export interface RunFilter {
  readonly kind?: RunPlan["kind"] | undefined;
  readonly open?: boolean | undefined;
  readonly state?: State | undefined;
  readonly environment?: string | undefined;
  /** Who asked for it, wherever in the whole name. */
  readonly by?: string | undefined;
  /** In its title, whatever its case. */
  readonly text?: string | undefined;
  /** Only runs with a smaller number: the next page. */
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
}

/** Runs, newest first. */
export async function listRuns(sql: Sql, filter: RunFilter = {}): Promise<readonly Run[]> {
  const found = await sql.rows<RunRow>(
    `select ${columns} from fairway.runs
     where ($1::text is null or kind = $1) and ($2::boolean is null or (ended_at is null) = $2)
       and ($3::bigint is null or number < $3) and ($4::text is null or state = $4)
       and ($5::text is null or environment = $5) and ($6::text is null or requested_by ilike $6)
       and ($7::text is null or title ilike $7)
     order by number desc limit $8`,
    [
      filter.kind ?? null,
      filter.open ?? null,
      filter.before ?? null,
      filter.state ?? null,
      filter.environment ?? null,
      somewhere(filter.by),
      somewhere(filter.text),
      filter.limit ?? 50,
    ],
  );
  return found.map(runOf);
}

/** A pattern for whatever has this text in it, each sign of it taken as it is. */
const somewhere = (wanted: string | undefined): string | null =>
  wanted === undefined ? null : `%${text(wanted).replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;

/** The runs that have not ended, oldest first. */
export async function openRuns(sql: Sql): Promise<readonly RunId[]> {
  const found = await sql.rows<{ id: RunId }>("select id from fairway.runs where ended_at is null order by number");
  return found.map(({ id }) => id);
}

/** Who holds a run where it is; null while nobody does. Asked before every move of a rollout. */
export async function pauseOf(sql: Sql, id: RunId): Promise<Pause | null> {
  const [row] = await sql.rows<{ by: string; because: string | null; since: Date }>(
    `select paused_by as by, paused_because as because, paused_at as since from fairway.runs
     where id = $1 and paused_at is not null and not stopping`,
    [id],
  );
  return row === undefined ? null : { ...row, since: row.since.toISOString() };
}

/** What may change about a run. */
export type RunChange = Partial<Pick<Run, "state" | "stopping" | "stoppedBy" | "frozen" | "attention">> & {
  /** From now on; null lets it go on. */
  readonly paused?: Omit<Pause, "since"> | null;
  readonly began?: true;
  /** True when it has ended now, false when it goes on again. */
  readonly ended?: boolean;
};

/** Changes a run, and says so. */
export async function changeRun(tx: Transaction, id: RunId, change: RunChange): Promise<Run> {
  const values: unknown[] = [id];
  const set: string[] = [];
  const assign = (column: string, value: unknown): void => void set.push(`${column} = $${values.push(value)}`);
  if (change.state !== undefined) assign("state", change.state);
  if (change.stopping !== undefined) assign("stopping", change.stopping);
  if (change.stoppedBy !== undefined) assign("stopped_by", change.stoppedBy);
  if (change.frozen !== undefined) assign("frozen", change.frozen);
  if (change.paused !== undefined) {
    assign("paused_by", change.paused && text(change.paused.by));
    assign("paused_because", change.paused?.because ? text(change.paused.because) : null);
    set.push(change.paused === null ? "paused_at = null" : "paused_at = now()");
  }
  if (change.attention !== undefined) assign("attention", change.attention && json(change.attention));
  if (change.began) set.push("started_at = coalesce(started_at, now())");
  if (change.ended !== undefined) set.push(change.ended ? "ended_at = now()" : "ended_at = null");
  const [row] = await tx.rows<RunRow>(
    `update fairway.runs set ${set.join(", ")} where id = $1 returning ${columns}`,
    values,
  );
  if (row === undefined) throw noSuchRun(id);
  const run = runOf(row);
  tx.emit({
    kind: "run.changed",
    subject: id,
    body: {
      state: run.state,
      stopping: run.stopping,
      paused: run.paused !== null,
      attention: run.attention && { ...run.attention },
    },
  });
  return run;
}
