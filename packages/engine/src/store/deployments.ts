import type {
  DeploymentPlan,
  DeploymentReason,
  Digest,
  Release,
  ReleaseId,
  RunId,
  State,
  Timestamp,
} from "@fairway/core";
import type { DeploymentOutcome, Deployments } from "../rollouts/deployments.ts";
import { releaseById } from "./releases.ts";
import type { Sql, Store } from "./store.ts";

/** What was brought where, and how that ended. */
export interface Deployment {
  readonly run: RunId;
  readonly environment: string;
  readonly release: ReleaseId;
  /** What ran there before. */
  readonly from: ReleaseId | null;
  readonly reason: DeploymentReason;
  /** Of the plan that was carried out. */
  readonly digest: Digest;
  /** Of its run. */
  readonly state: State;
  /** How it left the environment; null while that is not known. */
  readonly outcome: DeploymentOutcome | null;
  readonly beganAt: Timestamp;
  readonly endedAt: Timestamp | null;
}

/** The record of what ran where, of this database. */
export const deploymentsIn = (store: Store): Deployments => ({
  current: (environment) => currentRelease(store, environment),
  verifiedIn: (release) => verifiedIn(store, release),
  begin: (run, plan, digest, from) => beginDeployment(store, run, plan, digest, from),
  end: (run, outcome) => endDeployment(store, run, outcome),
});

/** Writes down that a deployment begins to change its environment. May be repeated, and told again it is no news. */
async function beginDeployment(
  store: Store,
  run: RunId,
  plan: DeploymentPlan,
  digest: Digest,
  from: ReleaseId | null,
): Promise<void> {
  await store.transaction(async (tx) => {
    const [begun] = await tx.rows(
      `insert into fairway.deployments as d (run, environment, release, from_release, reason, digest) values ($1, $2, $3, $4, $5, $6)
       on conflict (run) do update set from_release = excluded.from_release, digest = excluded.digest, began_at = now(),
         outcome = null, ended_at = null, place = null
       where d.outcome is not null or (d.from_release, d.digest) is distinct from (excluded.from_release, excluded.digest)
       returning d.run`,
      [run, plan.environment, plan.release, from, plan.reason, digest],
    );
    const body = { environment: plan.environment, release: plan.release, outcome: null };
    if (begun) tx.emit({ kind: "deployment.changed", subject: run, body });
  });
}

/** Writes down how a deployment left its environment. May be repeated. */
async function endDeployment(store: Store, run: RunId, outcome: DeploymentOutcome): Promise<void> {
  await store.transaction(async (tx) => {
    const [ended] = await tx.rows<{ environment: string; release: string }>(
      `update fairway.deployments set outcome = $2, ended_at = now(), place = nextval('fairway.deployments_place')
       where run = $1 and outcome is distinct from $2 returning environment, release`,
      [run, outcome],
    );
    if (ended) tx.emit({ kind: "deployment.changed", subject: run, body: { ...ended, outcome } });
  });
}

/** The last deployment to an environment that was carried through: what runs there, since when, and by which run. */
export async function lastCarriedThrough(
  sql: Sql,
  environment: string,
): Promise<{ readonly release: ReleaseId; readonly since: Timestamp; readonly run: RunId } | null> {
  const [last] = await sql.rows<{ release: ReleaseId; ended_at: Date; run: RunId }>(
    `select release, ended_at, run from fairway.deployments where environment = $1 and outcome = 'deployed' order by place desc limit 1`,
    [environment],
  );
  return last ? { release: last.release, since: last.ended_at.toISOString(), run: last.run } : null;
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

/** Environments in which a release was deployed and verified. */
export async function verifiedIn(sql: Sql, release: ReleaseId): Promise<readonly string[]> {
  const found = await sql.rows<{ environment: string }>(
    "select distinct environment from fairway.deployments where release = $1 and outcome = 'deployed' order by environment",
    [release],
  );
  return found.map(({ environment }) => environment);
}

/** The release to go back to: the last good one before the present one that nobody has rolled back from. */
export async function previousRelease(sql: Sql, environment: string): Promise<Release | null> {
  const history = await sql.rows<{ release: ReleaseId; reason: DeploymentReason }>(
    "select release, reason from fairway.deployments where environment = $1 and outcome = 'deployed' order by place",
    [environment],
  );
  const previous = goodReleases(history).at(-2);
  return previous === undefined ? null : releaseById(sql, previous);
}

/** The releases that stand, oldest first, present last: a rollback takes away all that came after what it brought back. */
export function goodReleases(
  history: readonly { readonly release: ReleaseId; readonly reason: DeploymentReason }[],
): readonly ReleaseId[] {
  const standing: ReleaseId[] = [];
  for (const { release, reason } of history) {
    const known = standing.lastIndexOf(release);
    if (reason === "rollback" && known >= 0) standing.length = known + 1;
    else if (standing.at(-1) !== release) standing.push(release);
  }
  return standing;
}

/** Which deployments to list. */
export interface DeploymentFilter {
  readonly environment?: string;
  readonly release?: ReleaseId;
  readonly limit?: number;
}

/** Deployments, the newest first. */
export async function listDeployments(sql: Sql, filter: DeploymentFilter = {}): Promise<readonly Deployment[]> {
  const found = await sql.rows<Omit<Deployment, "beganAt" | "endedAt"> & { began_at: Date; ended_at: Date | null }>(
    `select d.run, d.environment, d.release, d.from_release as "from", d.reason, d.digest, r.state, d.outcome, d.began_at, d.ended_at
     from fairway.deployments d join fairway.runs r on r.id = d.run
     where ($1::text is null or d.environment = $1) and ($2::text is null or d.release = $2)
     order by r.number desc limit $3`,
    [filter.environment ?? null, filter.release ?? null, filter.limit ?? 50],
  );
  return found.map(({ began_at, ended_at, ...deployment }) => ({
    ...deployment,
    beganAt: began_at.toISOString(),
    endedAt: ended_at?.toISOString() ?? null,
  }));
}
