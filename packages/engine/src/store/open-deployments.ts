import type { DeploymentReason, Digest, ReleaseId, RunId } from "@fairway/core";
import type { Sql } from "./store.ts";

interface OpenRow {
  run: RunId;
  moves: boolean;
  asks: boolean;
  subject: {
    readonly environment: string;
    readonly release: ReleaseId;
    readonly reason: DeploymentReason;
    readonly digest: Digest;
    readonly only?: readonly string[] | null;
  };
}

/** A deployment that has not ended. */
export interface OpenDeployment {
  readonly run: RunId;
  readonly release: ReleaseId;
  readonly isRollback: boolean;
  readonly only: readonly string[] | null;
  /** It has the environment, and has not written down yet that it is done. */
  readonly moves: boolean;
  /** It waits for people's approval, or for its notice to run out. */
  readonly asks: boolean;
  /** Of its plan. */
  readonly digest: Digest;
}

/** The deployments to an environment that have not ended, the oldest first. */
export async function openDeployments(sql: Sql, environment: string): Promise<readonly OpenDeployment[]> {
  const found = await sql.rows<OpenRow>(
    `select r.id as run, r.subject, l.holder_run is not null and d.outcome is distinct from 'deployed' as moves,
       exists (select from fairway.jobs j where j.run = r.id and j.name in ('approval', 'notice') and j.state = 'waiting') as asks
     from fairway.runs r left join fairway.environment_locks l on l.holder_run = r.id
     left join fairway.deployments d on d.run = r.id
     where r.kind = 'deployment' and r.ended_at is null order by r.number`,
  );
  return found
    .filter(({ subject }) => subject.environment === environment)
    .map(({ run, moves, asks, subject: { release, reason, digest, only = null } }) => ({
      run,
      release,
      isRollback: reason === "rollback",
      only,
      moves,
      asks,
      digest,
    }));
}
