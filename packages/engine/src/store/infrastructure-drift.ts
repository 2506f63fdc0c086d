import type { IgnoreRule, ResourceChange, RunId, Timestamp } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { DriftFinding } from "@fairway/infrastructure";
import { recordChange } from "./audit.ts";
import type { Sql, Store } from "./store.ts";
import { json, text } from "./store.ts";

/** A difference that stands, or stood: one open finding for each resource. */
export interface KeptFinding extends Omit<DriftFinding, "kind"> {
  readonly id: number;
  readonly environment: string;
  readonly stack: string;
  readonly kind: "out-of-band" | "ours";
  readonly owner: string | null;
  readonly firstSeen: Timestamp;
  readonly lastSeen: Timestamp;
  readonly closedAt: Timestamp | null;
  readonly closedBecause: string | null;
}

interface FindingRow {
  id: string;
  environment: string;
  stack: string;
  address: string;
  type: string;
  kind: "out-of-band" | "ours";
  action: ResourceChange["action"];
  fields: ResourceChange["fields"];
  because: readonly string[];
  owner: string | null;
  first_seen: Date;
  last_seen: Date;
  closed_at: Date | null;
  closed_because: string | null;
}

const columns =
  "id, environment, stack, address, type, kind, action, fields, because, owner, first_seen, last_seen, closed_at, closed_because";

const findingOf = ({ id, first_seen, last_seen, closed_at, closed_because, ...row }: FindingRow): KeptFinding => ({
  ...row,
  id: Number(id),
  firstSeen: first_seen.toISOString(),
  lastSeen: last_seen.toISOString(),
  closedAt: closed_at?.toISOString() ?? null,
  closedBecause: closed_because,
});

/** What one look at a stack found. */
export interface DriftLook {
  readonly environment: string;
  readonly stack: string;
  readonly owner: string | null;
  readonly run: RunId;
  readonly at: Timestamp;
  readonly found: readonly DriftFinding[];
}

/**
 * Writes a look down: what stood and stands keeps its owner and first day, what is new is opened, what is gone is closed. May
 * be repeated. Answers with the resources that are new.
 */
export async function recordLookAtDrift(store: Store, look: DriftLook): Promise<readonly string[]> {
  const { environment, stack, owner, run, at } = look;
  const standing = look.found.filter(({ kind }) => kind !== "noise");
  return store.transaction(async (tx) => {
    const fresh = await tx.rows<{ readonly address: string; readonly fresh: boolean }>(
      `insert into fairway.infrastructure_drift as d
         (environment, stack, address, type, kind, action, fields, because, owner, first_seen, last_seen, run)
       select $1, $2, f.address, f.type, f.kind, f.action, f.fields, f.because, $3, $4, $4, $5
       from json_to_recordset($6) as f(address text, type text, kind text, action text, fields json, because json)
       on conflict (environment, stack, address) where closed_at is null do update set
         type = excluded.type, kind = excluded.kind, action = excluded.action, fields = excluded.fields,
         because = excluded.because, owner = coalesce(d.owner, excluded.owner),
         last_seen = greatest(d.last_seen, excluded.last_seen), run = excluded.run
       returning address, (xmax = 0) as fresh`,
      [environment, stack, owner, at, run, text(json(standing))],
    );
    await tx.rows(
      `update fairway.infrastructure_drift set closed_at = $3, closed_because = 'it is gone'
       where environment = $1 and stack = $2 and closed_at is null and last_seen <= $3 and not address = any($4)`,
      [environment, stack, at, standing.map(({ address }) => address)],
    );
    const opened = fresh.filter((one) => one.fresh).map(({ address }) => address);
    if (opened.length > 0)
      tx.emit({ kind: "drift.found", subject: environment, body: { stack, resources: opened.slice(0, 20), run } });
    return opened;
  });
}

/** The findings that stand, or with `closed` also those that are gone, the newest first. */
export async function listDrift(
  sql: Sql,
  asked: { readonly environment?: string; readonly closed?: boolean; readonly before?: number; readonly limit: number },
): Promise<readonly KeptFinding[]> {
  const found = await sql.rows<FindingRow>(
    `select ${columns} from fairway.infrastructure_drift
     where ($1::text is null or environment = $1) and ($2 or closed_at is null)
       and ($4::bigint is null or (closed_at is null, first_seen, id) <
         (select d.closed_at is null, d.first_seen, d.id from fairway.infrastructure_drift d where d.id = $4))
     order by closed_at is not null, first_seen desc, id desc limit $3`,
    [asked.environment ?? null, asked.closed ?? false, asked.limit, asked.before ?? null],
  );
  return found.map(findingOf);
}

/** Throws `not_found`. */
export async function findingById(sql: Sql, id: number): Promise<KeptFinding> {
  const [row] = await sql.rows<FindingRow>(`select ${columns} from fairway.infrastructure_drift where id = $1`, [id]);
  if (row !== undefined) return findingOf(row);
  throw new FairwayError("not_found", `there is no finding ${id}`, { hint: "see: fairway infrastructure drift" });
}

/** Gives a finding to somebody. */
export async function ownDrift(
  store: Store,
  { id, environment, address }: KeptFinding,
  owner: string | null,
): Promise<void> {
  await store.transaction(async (tx) => {
    await tx.rows("update fairway.infrastructure_drift set owner = $2 where id = $1", [id, owner && text(owner)]);
    recordChange(tx, "infrastructure.drift_owned", { subject: address, environment, detail: { owner } });
  });
}

/** A rule that a person made of a finding, beside those of the configuration. */
export interface KeptIgnore extends IgnoreRule {
  readonly stack: string;
  readonly by: string;
}

/** Leaves a resource alone for a time, and closes its finding. */
export async function ignoreDrift(store: Store, finding: KeptFinding, rule: Omit<KeptIgnore, "stack">): Promise<void> {
  const { environment, stack } = finding;
  await store.transaction(async (tx) => {
    await tx.rows(
      `insert into fairway.infrastructure_ignores (environment, stack, resource, field, reason, until, by_whom)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [environment, stack, rule.resource, rule.field, text(rule.reason), rule.until, text(rule.by)],
    );
    await tx.rows(
      `update fairway.infrastructure_drift set closed_at = now(), closed_because = $2 where id = $1 and closed_at is null`,
      [finding.id, text(`${rule.by} leaves it alone until ${rule.until}: ${rule.reason}`)],
    );
    const { resource, field, reason, until } = rule;
    recordChange(tx, "infrastructure.drift_ignored", {
      subject: resource,
      environment,
      detail: { stack, field, reason, until },
    });
  });
}

/** The rules that people made for a stack, those that have expired too. */
export async function ignoresOf(sql: Sql, environment: string, stack: string): Promise<readonly IgnoreRule[]> {
  const found = await sql.rows<Omit<IgnoreRule, "until"> & { readonly until: Date }>(
    `select resource, field, reason, until from fairway.infrastructure_ignores where environment = $1 and stack = $2 order by id`,
    [environment, stack],
  );
  return found.map(({ until, ...rule }) => ({ ...rule, until: until.toISOString() }));
}
