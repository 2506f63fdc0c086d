import type { FollowUp, Impact, Incident, ReleaseId, IncidentScope, Severity } from "@fairway/core";
import type { Sql, Transaction } from "./store.ts";
import { text } from "./store.ts";

/** An incident as it is opened. */
export interface NewIncident {
  /** Whatever opens one by itself opens it once by this; null where a person does. */
  readonly key: string | null;
  readonly title: string;
  readonly environment: string | null;
  readonly release: ReleaseId | null;
  readonly impact: Impact;
  readonly scope: IncidentScope;
  readonly proposed: Severity;
  readonly rule: string;
  readonly source: string | null;
  readonly by: string;
}

/** Writes an incident down; null where its key has one already. */
export async function addIncident(tx: Transaction, incident: NewIncident): Promise<number | null> {
  const { key, title, environment, release, impact, scope, proposed, rule, source, by } = incident;
  const [row] = await tx.rows<{ number: number }>(
    `insert into fairway.incidents (key, title, environment, release, impact, scope, proposed, opened_by, rule, source)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning number::float8 as number`,
    [
      key,
      text(title),
      environment,
      release,
      impact,
      scope,
      proposed,
      text(by),
      text(rule),
      source === null ? null : text(source),
    ],
  );
  return row?.number ?? null;
}

/** Which incidents are asked for. */
export interface IncidentQuery {
  readonly open?: boolean;
  readonly number?: number;
  /** Only those with a smaller number: the next page. */
  readonly before?: number;
  /** Only those that were opened or closed, or are open, within this time. */
  readonly within?: { readonly from: Date; readonly until: Date };
  readonly limit: number;
}

/** Incidents, the newest first. */
export async function listIncidents(sql: Sql, query: IncidentQuery): Promise<readonly Incident[]> {
  const { open, number, before, within, limit } = query;
  const rows = await sql.rows<
    Omit<Incident, "openedAt" | "closedAt" | "notes" | "followUps"> & {
      readonly followUps: Incident["followUps"] | null;
      readonly openedAt: Date;
      readonly closedAt: Date | null;
      readonly notes: readonly { readonly at: string; readonly by: string; readonly text: string }[] | null;
    }
  >(
    `select number::float8 as number, title, environment, release, impact, scope, proposed, rule, source, confirmed,
       confirmed_by as "confirmedBy", opened_by as "openedBy", opened_at as "openedAt", closed_at as "closedAt", root_cause as "rootCause",
       (select json_agg(json_build_object('at', n.at, 'by', n.by_whom, 'text', n.note) order by n.number)
        from fairway.incident_notes n where n.incident = i.number) as notes,
       (select json_agg(json_build_object('number', f.number, 'what', f.what, 'owner', f.owner, 'due', f.due::text, 'doneAt', f.done_at, 'doneBy', f.done_by) order by f.number)
        from fairway.incident_followups f where f.incident = i.number) as "followUps"
     from fairway.incidents i
     where ($1::boolean is null or (closed_at is null) = $1) and ($2::bigint is null or number = $2)
       and ($4::bigint is null or number < $4)
       and ($5::timestamptz is null or (opened_at < $6 and (closed_at is null or closed_at >= $5)))
     order by number desc limit $3`,
    [open ?? null, number ?? null, limit, before ?? null, within?.from ?? null, within?.until ?? null],
  );
  return rows.map(({ openedAt, closedAt, notes, followUps, ...incident }) => ({
    ...incident,
    openedAt: openedAt.toISOString(),
    closedAt: closedAt?.toISOString() ?? null,
    followUps: (followUps ?? []).map(({ doneAt, ...one }) => ({
      ...one,
      doneAt: doneAt === null ? null : new Date(doneAt).toISOString(),
    })),
    notes: (notes ?? []).map(({ at, ...note }) => ({ ...note, at: new Date(at).toISOString() })),
  }));
}

/** An incident while it is changed. */
export interface HeldIncident {
  readonly open: boolean;
  readonly environment: string | null;
  readonly title: string;
  readonly release: ReleaseId | null;
  readonly severity: Severity;
}

/** Holds an incident so that it is changed by one at a time; null where there is none. */
export async function holdIncident(tx: Transaction, number: number): Promise<HeldIncident | null> {
  const [row] = await tx.rows<HeldIncident>(
    "select closed_at is null as open, environment, title, release, coalesce(confirmed, proposed) as severity from fairway.incidents where number = $1 for update",
    [number],
  );
  return row ?? null;
}

export async function noteIncident(tx: Transaction, number: number, by: string, note: string): Promise<void> {
  await tx.rows("insert into fairway.incident_notes (incident, by_whom, note) values ($1, $2, $3)", [
    number,
    text(by),
    text(note),
  ]);
}

export async function confirmIncident(tx: Transaction, number: number, by: string, severity: Severity): Promise<void> {
  await tx.rows("update fairway.incidents set confirmed = $2, confirmed_by = $3 where number = $1", [
    number,
    severity,
    text(by),
  ]);
}

export async function closeIncident(tx: Transaction, number: number, by: string, rootCause: string): Promise<void> {
  await tx.rows(
    "update fairway.incidents set closed_at = now(), closed_by = $2, root_cause = $3 where number = $1 and closed_at is null",
    [number, text(by), text(rootCause)],
  );
}

/** Those of severity 1 that are open in an environment, or belong to none; all of them when it is null. */
export async function openSeverity1(
  sql: Sql,
  environment: string | null,
): Promise<readonly { readonly number: number; readonly title: string; readonly since: string }[]> {
  const rows = await sql.rows<{ number: number; title: string; since: Date }>(
    `select number::float8 as number, title, opened_at as since from fairway.incidents
     where closed_at is null and coalesce(confirmed, proposed) = 1 and ($1::text is null or environment is null or environment = $1) order by number`,
    [environment],
  );
  return rows.map(({ since, ...found }) => ({ ...found, since: since.toISOString() }));
}

export async function addFollowUp(
  tx: Transaction,
  incident: number,
  { what, owner, due }: Pick<FollowUp, "what" | "owner" | "due">,
): Promise<void> {
  await tx.rows("insert into fairway.incident_followups (incident, what, owner, due) values ($1, $2, $3, $4)", [
    incident,
    text(what),
    text(owner),
    due,
  ]);
}

/** Says that one is done; false where there is none that is not. */
export async function endFollowUp(tx: Transaction, incident: number, number: number, by: string): Promise<boolean> {
  const done = await tx.rows(
    "update fairway.incident_followups set done_at = now(), done_by = $3 where incident = $1 and number = $2 and done_at is null returning number",
    [incident, number, text(by)],
  );
  return done.length > 0;
}

/** Follow-ups that are not done, the oldest due first. */
export async function openFollowUps(
  sql: Sql,
): Promise<readonly (Pick<FollowUp, "number" | "what" | "owner" | "due"> & { readonly incident: number })[]> {
  return sql.rows(
    `select number::float8 as number, incident::float8 as incident, what, owner, due::text as due from fairway.incident_followups
     where done_at is null order by due, number limit 500`,
  );
}

/** The release whose deployment to an environment ended last, where that was within a day of a moment. */
export async function deployedWithinADay(sql: Sql, environment: string): Promise<ReleaseId | null> {
  const [row] = await sql.rows<{ release: ReleaseId }>(
    `select release from fairway.deployments
     where environment = $1 and began_at > now() - interval '24 hours' order by began_at desc limit 1`,
    [environment],
  );
  return row?.release ?? null;
}
