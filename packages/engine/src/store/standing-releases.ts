import type { DeploymentReason, Digest, ReleaseId, RunId } from "@fairway/core";
import type { Sql } from "./store.ts";

/** A release on the way back from the present one: what ran before, without what was rolled back from. */
export interface StandingRelease {
  readonly release: ReleaseId;
  readonly digest: Digest;
  /** Why it is in quarantine, with whose word; null when it is not. */
  readonly quarantined: string | null;
  readonly place: number;
  readonly standsOn: number | null;
}

/** SQL of the releases that stand in an environment, with how deep each does. Both are expressions. */
export const standingRows = (environment: string, most: string): string =>
  `with recursive standing as (
     (select release, place, stands_on, 1 as depth from fairway.deployments
      where environment = ${environment} and outcome = 'deployed' and only_services is null order by place desc limit 1)
     union all
     select before.release, before.place, before.stands_on, standing.depth + 1 from standing cross join lateral (
       select release, place, stands_on from fairway.deployments
       where environment = ${environment} and outcome = 'deployed' and only_services is null and place <= standing.stands_on
       order by place desc limit 1) as before
     where standing.depth < ${most})
   select s.release, r.digest, q.reason || ' (' || q.by_whom || ')' as quarantined, s.place::float8 as place,
     s.stands_on::float8 as "standsOn"
   from standing s join fairway.releases r on r.id = s.release
   left join fairway.quarantine q on q.digest = r.digest and q.lifted_at is null
   order by s.depth`;

/**
 * The releases that stand in an environment, the present first. A rollback takes away all that came after what it brought
 * back. Each deployment knows what it stands on, so that a look costs as many rows as it is told, however long the history.
 */
export const standingReleases = (sql: Sql, environment: string, most = 20): Promise<readonly StandingRelease[]> =>
  sql.rows<StandingRelease>(standingRows("$1", "$2"), [environment, most]);

/** What a deployment that ends stands on, and whether its release stood there below what ran: then it was a way back. */
export async function standingPlace(
  sql: Sql,
  run: RunId,
): Promise<{ readonly standsOn: number | null; readonly stoodBefore: boolean }> {
  const [ending] = await sql.rows<{
    environment: string;
    release: ReleaseId;
    reason: DeploymentReason;
    partly: boolean;
  }>(
    `select environment, release, reason, only_services is not null as partly from fairway.deployments where run = $1`,
    [run],
  );
  if (ending === undefined) return { standsOn: null, stoodBefore: false };
  const { environment, release, reason, partly } = ending;
  const isBack = reason === "rollback";
  const standing = await standingReleases(sql, environment, isBack ? 10_000 : 1);
  const [top] = standing;
  const known = standing.findIndex((one) => one.release === release);
  const stoodBefore = isBack && known > 0;
  if (partly) return { standsOn: null, stoodBefore };
  const same = known === 0 || stoodBefore ? standing[known] : undefined;
  return { standsOn: same ? same.standsOn : (top?.place ?? null), stoodBefore };
}
