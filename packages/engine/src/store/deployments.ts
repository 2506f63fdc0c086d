import type {
  DeploymentOutcome,
  DeploymentPlan,
  DeploymentReason,
  Digest,
  Quarantine,
  Release,
  ReleaseId,
  RunId,
  State,
  Timestamp,
} from "@fairway/core";
import type { Deployments, RecordedOutcome } from "../rollouts/deployments.ts";
import { recordChange } from "./audit.ts";
import { secretsGiven, secretsOfCurrent, versionsOf } from "./deployment-secrets.ts";
import { mixedBy } from "./deployed-steps.ts";
import { keepEvidence } from "./evidence.ts";
import { quarantineAtBegin, quarantineAtEnd, quarantineOf } from "./quarantine.ts";
import { releaseById } from "./releases.ts";
import { renewVerification, revokedVerifications } from "./revoked-verifications.ts";
import { standingPlace } from "./standing-releases.ts";
import type { Sql, Store } from "./store.ts";

/** What was brought where, and how that ended. */
export interface Deployment {
  readonly run: RunId;
  readonly environment: string;
  readonly release: ReleaseId;
  /** What ran there before. */
  readonly from: ReleaseId | null;
  readonly reason: DeploymentReason;
  /** The services that moved, in a rollback of single ones; null where all did. */
  readonly only: readonly string[] | null;
  /** Of the plan that was carried out. */
  readonly digest: Digest;
  /** Of its run. */
  readonly state: State;
  /** How it left the environment; null while that is not known. */
  readonly outcome: DeploymentOutcome | null;
  /** Whether what ran before is back; null where nothing had to come back, and while it goes on. */
  readonly restored: boolean | null;
  /** The run that brought a newer commit. */
  readonly supersededBy: RunId | null;
  /** What went wrong first. */
  readonly why: string | null;
  readonly beganAt: Timestamp;
  readonly endedAt: Timestamp | null;
}

/** The record of what ran where, of this database. */
export const deploymentsIn = (store: Store): Deployments => ({
  current: (environment) => currentRelease(store, environment),
  currentRun: async (environment) => (await lastCarriedThrough(store, environment))?.run ?? null,
  mixed: (environment) => mixedReleases(store, environment),
  quarantine: (digest) => quarantineOf(store, digest),
  secretsOf: (environment) => secretsOfCurrent(store, environment),
  secretsGiven: (environment, release) => secretsGiven(store, environment, release),
  verifiedIn: (release) => verifiedIn(store, release),
  lostIn: (release) => revokedVerifications(store, { release }),
  wasVerifiedIn: (release) => wasVerifiedIn(store, release),
  begin: (run, plan, digest, from) => beginDeployment(store, run, plan, digest, from),
  end: (run, outcome) => endDeployment(store, run, outcome),
  keepEvidence: (run, found) => keepEvidence(store, run, found),
});

/**
 * Writes down that a deployment begins to change its environment. May be repeated, and told again it is no news; nor is it
 * where it was carried through, is tried again for what was left to do, and its release still runs. Where another came since,
 * what it had left is kept until it has ended again. Where the release is in quarantine by now nothing is written, and that is
 * the answer.
 */
async function beginDeployment(
  store: Store,
  run: RunId,
  plan: DeploymentPlan,
  digest: Digest,
  from: ReleaseId | null,
): Promise<Quarantine | null> {
  return store.transaction(async (tx) => {
    const quarantine = await quarantineAtBegin(tx, plan.releaseDigest);
    if (quarantine) return quarantine;
    const [begun] = await tx.rows(
      `insert into fairway.deployments as d (run, environment, release, from_release, reason, digest, only_services, secrets)
       values ($1, $2, $3, $4, $5, $6, $7, $8)
       on conflict (run) do update set from_release = excluded.from_release, digest = excluded.digest, began_at = now(),
         secrets = excluded.secrets, outcome = null, ended_at = null, place = null,
         before = case when d.outcome = 'deployed' then to_json(d) else d.before end
       where (d.outcome is not null or (d.from_release, d.digest) is distinct from (excluded.from_release, excluded.digest))
         and not (d.outcome is not distinct from 'deployed' and excluded.from_release is not distinct from d.release)
       returning d.run`,
      [run, plan.environment, plan.release, from, plan.reason, digest, plan.only ?? null, versionsOf(plan)],
    );
    const body = { environment: plan.environment, release: plan.release, outcome: null };
    if (begun) tx.emit({ kind: "deployment.changed", subject: run, body });
    return null;
  });
}

/**
 * Writes down how a deployment left its environment. May be repeated; what was carried through stays so, also when it is tried
 * again.
 */
async function endDeployment(store: Store, run: RunId, outcome: RecordedOutcome): Promise<void> {
  await store.transaction(async (tx) => {
    const { standsOn, stoodBefore } = await standingPlace(tx, run);
    const [ended] = await tx.rows<{ environment: string; release: ReleaseId; reason: DeploymentReason }>(
      `update fairway.deployments set outcome = $2, ended_at = now(), place = nextval('fairway.deployments_place'), stands_on = $3,
         before = case when $2 = 'deployed' then null else before end
       where run = $1 and outcome is distinct from $2 and outcome is distinct from 'deployed' returning environment, release, reason`,
      [run, outcome, standsOn],
    );
    if (!ended) return;
    tx.emit({
      kind: "deployment.changed",
      subject: run,
      body: { environment: ended.environment, release: ended.release, outcome },
    });
    const { environment, release } = ended;
    // It was asked all over again; a way back asks nothing.
    if (outcome === "deployed" && ended.reason !== "rollback") await renewVerification(tx, { ...ended, run });
    recordChange(tx, "deployment.ended", { subject: run, environment, detail: { release, outcome } });
    await quarantineAtEnd(tx, run, { carriedThrough: outcome === "deployed", stoodBefore });
  });
}

/** The last deployment to an environment that was carried through: what runs there, since when, and by which run. */
export async function lastCarriedThrough(
  sql: Sql,
  environment: string,
): Promise<{ readonly release: ReleaseId; readonly since: Timestamp; readonly run: RunId } | null> {
  const [last] = await sql.rows<{ release: ReleaseId; ended_at: Date; run: RunId }>(
    `select release, ended_at, run from fairway.deployments where environment = $1 and outcome = 'deployed' and only_services is null
     order by place desc limit 1`,
    [environment],
  );
  return last ? { release: last.release, since: last.ended_at.toISOString(), run: last.run } : null;
}

/** A deployment that was carried through, and where it stands among all of them: later ones have larger places. */
export interface CarriedThrough {
  readonly release: ReleaseId;
  readonly run: RunId;
  readonly place: number;
}

/** Deployments to an environment that were carried through after a place, also those of single services, the oldest first. */
export async function carriedThroughAfter(
  sql: Sql,
  environment: string,
  place: number,
): Promise<readonly CarriedThrough[]> {
  const found = await sql.rows<{ release: ReleaseId; run: RunId; place: string | number }>(
    `select release, run, place from fairway.deployments where environment = $1 and outcome = 'deployed' and place > $2
     order by place`,
    [environment, place],
  );
  return found.map((one) => ({ ...one, place: Number(one.place) }));
}

/** The release that an environment runs, as the last deployment there that was carried through left it. */
export async function currentRelease(sql: Sql, environment: string): Promise<Release | null> {
  return (await currentDeployment(sql, environment))?.release ?? null;
}

/** What an environment runs, and since when. */
export async function currentDeployment(
  sql: Sql,
  environment: string,
): Promise<{ readonly release: Release; readonly since: Timestamp; readonly run: RunId } | null> {
  const last = await lastCarriedThrough(sql, environment);
  return last && { ...last, release: await releaseById(sql, last.release) };
}

/**
 * Environments in which a release was deployed and verified, though it may have been found unwell since: a way back goes there.
 */
export async function wasVerifiedIn(sql: Sql, release: ReleaseId): Promise<readonly string[]> {
  const found = await sql.rows<{ readonly environment: string }>(
    `select distinct environment from fairway.deployments
     where release = $1 and (outcome = 'deployed' or before is not null) and only_services is null order by environment`,
    [release],
  );
  return found.map(({ environment }) => environment);
}

/** Environments in which a release was deployed and verified, and has not lost that since. */
export const verifiedIn = async (sql: Sql, release: ReleaseId): Promise<readonly string[]> =>
  (await verifiedInOf(sql, [release])).get(release) ?? [];

/** The same of several releases. */
export async function verifiedInOf(
  sql: Sql,
  releases: readonly ReleaseId[],
): Promise<ReadonlyMap<ReleaseId, readonly string[]>> {
  const found = await sql.rows<{ release: ReleaseId; environments: readonly string[] }>(
    `select release, array_agg(distinct environment order by environment) as environments from fairway.deployments d
     where release = any($1) and (outcome = 'deployed' or before is not null) and only_services is null
       and not exists (select from fairway.revoked_verifications v
         where v.release = d.release and v.environment = d.environment and v.lifted_at is null)
     group by release`,
    [releases],
  );
  return new Map(found.map(({ release, environments }) => [release, environments]));
}

/** Which release each service runs that does not run the environment's own, after rollbacks of single services. */
export async function mixedServices(sql: Sql, environment: string): Promise<ReadonlyMap<string, ReleaseId>> {
  const found = await sql.rows<{ release: ReleaseId; only: readonly string[] | null }>(
    `select release, only_services as only from fairway.deployments
     where environment = $1 and outcome = 'deployed' and place >= (
       select max(place) from fairway.deployments where environment = $1 and outcome = 'deployed' and only_services is null)
     order by place`,
    [environment],
  );
  return mixedBy(found);
}

/** The same with the releases themselves. */
export async function mixedReleases(sql: Sql, environment: string): Promise<ReadonlyMap<string, Release>> {
  const mixed = await mixedServices(sql, environment);
  return new Map(
    await Promise.all(
      [...mixed].map(async ([service, release]) => [service, await releaseById(sql, release)] as const),
    ),
  );
}

/** Which deployments to list. */
export interface DeploymentFilter {
  readonly environment?: string | undefined;
  readonly release?: ReleaseId | undefined;
  readonly run?: RunId;
  /** Only deployments whose run has a smaller number: the next page. */
  readonly before?: number | undefined;
  /** Only those whose end is written down, the newest end first. */
  readonly ended?: boolean;
  readonly limit?: number;
}

/** Deployments, the newest first. */
export async function listDeployments(sql: Sql, filter: DeploymentFilter = {}): Promise<readonly Deployment[]> {
  const found = await sql.rows<Omit<Deployment, "beganAt" | "endedAt"> & { began_at: Date; ended_at: Date | null }>(
    `select d.run, d.environment, d.release, d.from_release as "from", d.reason, d.only_services as only, d.digest, r.state, d.outcome,
       d.restored, d.superseded_by as "supersededBy", d.why, d.began_at, d.ended_at
     from fairway.deployments d join fairway.runs r on r.id = d.run
     where ($1::text is null or d.environment = $1) and ($2::text is null or d.release = $2)
       and ($3::text is null or d.run = $3) and (not $4 or d.outcome is not null)
       and ($6::bigint is null or r.number < $6)
     order by case when $4 then d.ended_at end desc nulls last, r.number desc limit $5`,
    [
      filter.environment ?? null,
      filter.release ?? null,
      filter.run ?? null,
      filter.ended ?? false,
      filter.limit ?? 50,
      filter.before ?? null,
    ],
  );
  return found.map(({ began_at, ended_at, ...deployment }) => ({
    ...deployment,
    beganAt: began_at.toISOString(),
    endedAt: ended_at?.toISOString() ?? null,
  }));
}
