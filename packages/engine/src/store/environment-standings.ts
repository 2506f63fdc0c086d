import type { Quarantine, ReleaseId } from "@fairway/core";
import type { DeployedStep } from "./deployed-steps.ts";
import { deployedSteps } from "./deployed-steps.ts";
import type { Deployment } from "./deployments.ts";
import type { StandingRelease } from "./standing-releases.ts";
import { standingRows } from "./standing-releases.ts";
import type { Sql } from "./store.ts";

/** What the ledger says of one environment. */
export interface EnvironmentStanding {
  /** How it came to run what it runs, the oldest first; empty where nothing was ever carried through. */
  readonly deployed: readonly DeployedStep[];
  /** The releases on the way back, the present first. */
  readonly standing: readonly StandingRelease[];
  /** The deployment that ended last. */
  readonly last: Deployment | null;
  /** What keeps the release that it runs from being deployed again. */
  readonly quarantine: Pick<Quarantine, "by" | "reason" | "at"> | null;
}

/** What the ledger says of environments, at one moment. */
export interface Standings {
  readonly of: ReadonlyMap<string, EnvironmentStanding>;
  /** The newest release that environments may take; null before the first. */
  readonly newest: ReleaseId | null;
}

type Row = Omit<EnvironmentStanding, "deployed" | "standing"> & {
  readonly environment: string;
  readonly deployed: EnvironmentStanding["deployed"] | null;
  readonly standing: EnvironmentStanding["standing"] | null;
  readonly newest: ReleaseId | null;
};

/** Looks at them all in one question: whoever shows how things stand asks it all the time. */
export async function environmentStandings(sql: Sql, environments: readonly string[]): Promise<Standings> {
  const rows = await sql.rows<Row>(
    `select e.name as environment, d.steps as deployed,
       (select json_agg(to_json(s) order by s.place desc) from (${standingRows("e.name", "20")}) as s) as standing,
       (select to_json(l) from (
          select l.run, l.environment, l.release, l.from_release as "from", l.reason, l.only_services as only, l.digest, r.state, l.outcome,
            l.restored, l.superseded_by as "supersededBy", l.why, l.began_at as "beganAt", l.ended_at as "endedAt"
          from fairway.deployments l join fairway.runs r on r.id = l.run
          where l.environment = e.name and l.outcome is not null
          order by l.ended_at desc nulls last, r.number desc limit 1) as l) as last,
       (select json_build_object('by', q.by_whom, 'reason', q.reason, 'at', q.at)
        from fairway.releases r join fairway.quarantine q on q.digest = r.digest and q.lifted_at is null
        where r.id = d.steps->0->>'release') as quarantine,
       (select id from fairway.releases where preview is null order by number desc limit 1) as newest
     from unnest($1::text[]) as e(name) left join lateral (${deployedSteps("e.name")}) as d on true`,
    [environments],
  );
  return {
    of: new Map(rows.map((row) => [row.environment, standingOf(row)])),
    newest: rows[0]?.newest ?? null,
  };
}

const iso = (time: string): string => new Date(time).toISOString();

const standingOf = ({ deployed, standing, last, quarantine }: Row): EnvironmentStanding => ({
  deployed: deployed ?? [],
  standing: standing ?? [],
  last: last && { ...last, beganAt: iso(last.beganAt), endedAt: last.endedAt && iso(last.endedAt) },
  quarantine: quarantine && { ...quarantine, at: iso(quarantine.at) },
});
