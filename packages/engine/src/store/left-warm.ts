import type { DeploymentReason, ReleaseId, Timestamp } from "@fairway/core";
import { leftBy } from "./deployed-steps.ts";
import type { Sql } from "./store.ts";

/** The release that the last deployment to an environment replaced, and when it had done so. */
export interface LeftRelease {
  readonly release: ReleaseId;
  readonly since: Timestamp;
  /** It was rolled back from: nobody goes back to it, and it only finishes its work. */
  readonly isBad: boolean;
}

/** What the last deployment that was carried through may have left running; null when it replaced nothing. */
export async function leftWarm(sql: Sql, environment: string): Promise<LeftRelease | null> {
  const [last] = await sql.rows<{
    from: ReleaseId | null;
    release: ReleaseId;
    reason: DeploymentReason;
    ended_at: Date;
  }>(
    `select from_release as "from", release, reason, ended_at from fairway.deployments
     where environment = $1 and outcome = 'deployed' order by place desc limit 1`,
    [environment],
  );
  return leftBy(last && { ...last, ended: last.ended_at.toISOString() });
}
