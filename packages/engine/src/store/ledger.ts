import type { DeploymentOutcome, DeploymentReason, Digest, ReleaseId, Revision, RunId } from "@fairway/core";
import type { NewRelease } from "../stages/releases.ts";
import type { Sql } from "./store.ts";

/** A deployment that has ended, as it stands in the ledger. */
export interface EndedDeployment {
  readonly run: RunId;
  readonly environment: string;
  readonly release: ReleaseId;
  readonly from: ReleaseId | null;
  readonly reason: DeploymentReason;
  readonly only: readonly string[] | null;
  readonly outcome: DeploymentOutcome;
  readonly restored: boolean | null;
  readonly beganAt: Date;
  readonly endedAt: Date;
}

/** The deployments that have ended since a moment, in the order of their ends. */
export const endedSince = (sql: Sql, since: Date): Promise<readonly EndedDeployment[]> =>
  sql.rows<EndedDeployment>(
    `select run, environment, release, from_release as "from", reason, only_services as only, outcome, restored,
       began_at as "beganAt", ended_at as "endedAt"
     from fairway.deployments where outcome is not null and ended_at >= $1 order by ended_at, run`,
    [since],
  );

/** What a release is made of, as far as it tells what a deployment changed. */
export interface ReleaseParts {
  readonly id: ReleaseId;
  readonly revision: Revision;
  readonly artifacts: ReadonlyMap<string, Digest>;
}

/** What these releases are made of. */
export async function partsOfReleases(sql: Sql, ids: readonly ReleaseId[]): Promise<readonly ReleaseParts[]> {
  const found = await sql.rows<{ id: ReleaseId; contents: NewRelease }>(
    "select id, contents from fairway.releases where id = any($1::text[])",
    [ids],
  );
  return found.map(({ id, contents: { revision, parts } }) => ({
    id,
    revision,
    artifacts: new Map(parts.map(({ service, artifact }) => [service, artifact])),
  }));
}
