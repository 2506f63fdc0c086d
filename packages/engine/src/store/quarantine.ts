import type { DeploymentReason, Digest, Quarantine, QuarantineCause, Release, ReleaseId, RunId } from "@fairway/core";
import { FairwayError, environmentOf, quarantineSentence, quarantinedBy } from "@fairway/core";
import { recordChange } from "./audit.ts";
import { releaseById } from "./releases.ts";
import type { Sql, Store, Transaction } from "./store.ts";
import { text } from "./store.ts";

/** A digest that is in quarantine, or was until somebody lifted it. */
export interface QuarantineRecord extends Quarantine {
  readonly lifted: { readonly by: string; readonly because: string; readonly at: string } | null;
}

interface QuarantineRow {
  digest: Digest;
  release: ReleaseId;
  reason: string;
  by_whom: string;
  cause: QuarantineCause;
  run: RunId | null;
  environment: string | null;
  at: Date;
  lifted_by: string | null;
  lifted_because: string | null;
  lifted_at: Date | null;
}

const columns = "digest, release, reason, by_whom, cause, run, environment, at, lifted_by, lifted_because, lifted_at";

const recordOf = (row: QuarantineRow): QuarantineRecord => ({
  digest: row.digest,
  release: row.release,
  reason: row.reason,
  by: row.by_whom,
  at: row.at.toISOString(),
  cause: row.cause,
  run: row.run,
  environment: row.environment,
  lifted:
    row.lifted_at === null
      ? null
      : { by: row.lifted_by ?? "", because: row.lifted_because ?? "", at: row.lifted_at.toISOString() },
});

/** What keeps a digest from being deployed; null when nothing does. */
export async function quarantineOf(sql: Sql, digest: Digest): Promise<Quarantine | null> {
  const [row] = await sql.rows<QuarantineRow>(
    `select ${columns} from fairway.quarantine where digest = $1 and lifted_at is null`,
    [digest],
  );
  if (row === undefined) return null;
  const { lifted: _lifted, ...quarantine } = recordOf(row);
  return quarantine;
}

/** The same of several digests, of those that something keeps. */
export async function quarantinesOf(sql: Sql, digests: readonly Digest[]): Promise<ReadonlyMap<Digest, Quarantine>> {
  const rows = await sql.rows<QuarantineRow>(
    `select ${columns} from fairway.quarantine where digest = any($1) and lifted_at is null`,
    [digests],
  );
  return new Map(
    rows.map((row) => {
      const { lifted: _lifted, ...quarantine } = recordOf(row);
      return [quarantine.digest, quarantine];
    }),
  );
}

/** What is in quarantine, the newest first; with `all` also what was. */
export async function listQuarantine(sql: Sql, all = false): Promise<readonly QuarantineRecord[]> {
  const rows = await sql.rows<QuarantineRow>(
    `select ${columns} from fairway.quarantine where $1 or lifted_at is null order by number desc limit 500`,
    [all],
  );
  return rows.map(recordOf);
}

/**
 * The same as a part of the transaction that begins a deployment: what is put into quarantine from now on waits until it
 * is committed, so that no deployment begins behind the back of one who was told that the digest is there.
 */
export async function quarantineAtBegin(tx: Transaction, digest: Digest): Promise<Quarantine | null> {
  await tx.rows("select pg_advisory_xact_lock_shared(hashtext('fairway.quarantine'))");
  return quarantineOf(tx, digest);
}

const changing = (tx: Transaction): Promise<unknown> =>
  tx.rows("select pg_advisory_xact_lock(hashtext('fairway.quarantine'))");

/** A person's word about a release. */
export interface QuarantineWord {
  readonly release: ReleaseId;
  readonly by: string;
  readonly reason: string;
}

/** Puts a release's digest into quarantine. Throws `not_found`, `not_allowed_now` when it is there already. */
export async function addQuarantine(store: Store, { release: id, by, reason }: QuarantineWord): Promise<Quarantine> {
  assertWord(by, reason);
  return store.transaction(async (tx) => {
    await changing(tx);
    const release = await releaseById(tx, id);
    const known = await quarantineOf(tx, release.digest);
    if (known) throw new FairwayError("not_allowed_now", quarantineSentence(release.id, known));
    await put(tx, { digest: release.digest, release: id, reason, by, cause: "person", run: null, environment: null });
    return (await quarantineOf(tx, release.digest)) as Quarantine;
  });
}

/** Lets a release's digest be deployed again. Throws `not_found`, `not_allowed_now` when it is not in quarantine. */
export async function liftQuarantine(
  store: Store,
  { release: id, by, reason }: QuarantineWord,
): Promise<QuarantineRecord> {
  assertWord(by, reason);
  return store.transaction(async (tx) => {
    await changing(tx);
    const { digest } = await releaseById(tx, id);
    const [row] = await tx.rows<QuarantineRow>(
      `update fairway.quarantine set lifted_by = $2, lifted_because = $3, lifted_at = now()
       where digest = $1 and lifted_at is null returning ${columns}`,
      [digest, text(by), text(reason)],
    );
    if (row === undefined) throw new FairwayError("not_allowed_now", `${id} is not in quarantine`);
    tx.emit({ kind: "quarantine.changed", subject: id, body: { digest, quarantined: false, by, reason } });
    recordChange(tx, "quarantine.lifted", { subject: id, environment: null, detail: { by, digest, reason } });
    return recordOf(row);
  });
}

/** Puts a release that was stopped on its way, for a rollback, into quarantine. May be repeated. */
export async function condemnStopped(
  store: Store,
  { run, release: id, by, reason }: QuarantineWord & { readonly run: RunId },
): Promise<void> {
  await store.transaction(async (tx) => {
    // The run first, as everybody does who ends one.
    const [stopped] = await tx.rows<{ subject: { readonly environment: string } }>(
      "select subject from fairway.runs where id = $1 for key share",
      [run],
    );
    await changing(tx);
    const { digest } = await releaseById(tx, id);
    const environment = stopped?.subject.environment ?? null;
    await put(tx, { digest, release: id, reason, by, cause: "rollback", run, environment });
  });
}

/** Whoever answers for it is on record, with why. */
function assertWord(by: string, reason: string): void {
  if (by.trim() === "" || reason.trim() === "")
    throw new FairwayError("bad_request", "a quarantine is put and lifted by somebody, for a reason", {
      hint: 'say why: --reason "…"',
    });
}

/** Does nothing where the digest is in quarantine already. */
async function put(
  tx: Transaction,
  { digest, release, reason, by, cause, run, environment }: Omit<Quarantine, "at">,
): Promise<void> {
  const [added] = await tx.rows(
    `insert into fairway.quarantine (digest, release, reason, by_whom, cause, run, environment) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (digest) where lifted_at is null do nothing returning digest`,
    [digest, release, text(reason), text(by), cause, run, environment],
  );
  if (!added) return;
  const body = { digest, quarantined: true, by, reason, cause, run, environment };
  tx.emit({ kind: "quarantine.changed", subject: release, body });
  recordChange(tx, "quarantine.set", { subject: release, environment, detail: { by, digest, reason, cause, run } });
}

interface EndedRow {
  environment: string;
  reason: DeploymentReason;
  release: ReleaseId;
  from_release: ReleaseId | null;
  requested_by: string;
  subject: { readonly because?: string | null };
}

/**
 * Puts into quarantine what a deployment that ends says is bad: the release that a rollback left, or the one that failed.
 * A part of the transaction that writes the end down.
 */
export async function quarantineAtEnd(
  tx: Transaction,
  run: RunId,
  { carriedThrough, stoodBefore }: { readonly carriedThrough: boolean; readonly stoodBefore: boolean },
): Promise<void> {
  const [ended] = await tx.rows<EndedRow>(
    `select d.environment, d.reason, d.release, d.from_release, r.requested_by, r.subject
     from fairway.deployments d join fairway.runs r on r.id = d.run where d.run = $1`,
    [run],
  );
  if (ended === undefined) return;
  const { environment, reason, from_release: from } = ended;
  const tried = await releaseById(tx, ended.release);
  const left = from === null ? null : await releaseById(tx, from);
  const no = carriedThrough ? null : await firstNo(tx, run);
  const found = quarantinedBy({
    reason,
    carriedThrough,
    answeredNo: no !== null,
    stoodBefore,
    left: left?.digest ?? null,
    tried: tried.digest,
    causes: causesOf(tried, environment),
  });
  if (found === null) return;
  await changing(tx);
  const { digest, cause } = found;
  await put(
    tx,
    cause === "rollback" && left
      ? {
          digest,
          release: left.id,
          reason: ended.subject.because ?? `${environment} was rolled back to ${tried.id}`,
          by: ended.requested_by,
          cause,
          run,
          environment,
        }
      : { digest, release: tried.id, reason: no ?? "it failed", by: "fairway", cause, run, environment },
  );
}

const causesOf = ({ project }: Release, environment: string): "failures" | "rollbacks" =>
  environmentOf(project, environment)?.quarantine ?? "failures";

const longest = 300;

/** What the first of its jobs said that answered no; null when none did, but could not find out or was stopped. */
async function firstNo(sql: Sql, run: RunId): Promise<string | null> {
  const [job] = await sql.rows<{ reason: string | null }>(
    `select reason from fairway.jobs where run = $1 and stage in ('rollout', 'verify', 'bake') and state = 'failed' and result ->> 'ending' is null
     order by ended_at limit 1`,
    [run],
  );
  if (job === undefined) return null;
  return (job.reason ?? "it failed").split("\n")[0]?.slice(0, longest) ?? "it failed";
}
