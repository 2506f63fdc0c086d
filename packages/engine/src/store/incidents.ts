import type { Impact, Incident, ReleaseId, IncidentScope, Severity } from "@fairway/core";
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
  readonly by: string;
}

/** Writes an incident down; null where its key has one already. */
export async function addIncident(tx: Transaction, incident: NewIncident): Promise<number | null> {
  const { key, title, environment, release, impact, scope, proposed, by } = incident;
  const [row] = await tx.rows<{ number: number }>(
    `insert into fairway.incidents (key, title, environment, release, impact, scope, proposed, opened_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning number::float8 as number`,
    [key, text(title), environment, release, impact, scope, proposed, text(by)],
  );
  return row?.number ?? null;
}

/** Incidents, the newest first. */
export async function listIncidents(
  sql: Sql,
  { open, number, limit }: { readonly open?: boolean; readonly number?: number; readonly limit: number },
): Promise<readonly Incident[]> {
  const rows = await sql.rows<
    Omit<Incident, "openedAt" | "closedAt" | "notes"> & {
      readonly openedAt: Date;
      readonly closedAt: Date | null;
      readonly notes: readonly { readonly at: string; readonly by: string; readonly text: string }[] | null;
    }
  >(
    `select number::float8 as number, title, environment, release, impact, scope, proposed, confirmed,
       confirmed_by as "confirmedBy", opened_by as "openedBy", opened_at as "openedAt", closed_at as "closedAt", root_cause as "rootCause",
       (select json_agg(json_build_object('at', n.at, 'by', n.by_whom, 'text', n.note) order by n.number)
        from fairway.incident_notes n where n.incident = i.number) as notes
     from fairway.incidents i
     where ($1::boolean is null or (closed_at is null) = $1) and ($2::bigint is null or number = $2)
     order by number desc limit $3`,
    [open ?? null, number ?? null, limit],
  );
  return rows.map(({ openedAt, closedAt, notes, ...incident }) => ({
    ...incident,
    openedAt: openedAt.toISOString(),
    closedAt: closedAt?.toISOString() ?? null,
    notes: (notes ?? []).map(({ at, ...note }) => ({ ...note, at: new Date(at).toISOString() })),
  }));
}

/** Holds an incident so that it is changed by one at a time; null where there is none. */
export async function holdIncident(
  tx: Transaction,
  number: number,
): Promise<{ readonly open: boolean; readonly environment: string | null } | null> {
  const [row] = await tx.rows<{ open: boolean; environment: string | null }>(
    "select closed_at is null as open, environment from fairway.incidents where number = $1 for update",
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
