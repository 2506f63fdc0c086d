import type { DeploymentPlan, DeploymentReason, Millis } from "@fairway/core";
import { leastTimeOf } from "@fairway/core";
import type { Sql } from "./store.ts";

/** How long single rollouts of an environment took, the newest first. */
export interface RolloutTime {
  readonly service: string;
  readonly way: "flip" | "redeploy";
  readonly isBack: boolean;
  /** Without the pauses that its strategy asks for. */
  readonly took: Millis;
}

interface TimeRow {
  service: string;
  took: number;
  reason: DeploymentReason;
  subject: { readonly ways?: Readonly<Record<string, "flip" | "redeploy">> };
  input: { readonly plan: DeploymentPlan };
}

/** The last rollouts of an environment that went well. */
export async function rolloutTimes(sql: Sql, environment: string): Promise<readonly RolloutTime[]> {
  const found = await sql.rows<TimeRow>(
    `select substr(j.name, length('rollout:') + 1) as service, d.reason, r.subject, j.input,
       extract(epoch from j.ended_at - j.started_at)::float8 * 1000 as took
     from (select * from fairway.deployments where environment = $1 and outcome = 'deployed' order by place desc limit 30) d
     join fairway.runs r on r.id = d.run
     join fairway.jobs j on j.run = d.run and j.stage = 'rollout' and j.state = 'succeeded'
     where j.started_at is not null order by d.place desc`,
    [environment],
  );
  return found.map(({ service, took, reason, subject, input }) => {
    const strategy = input.plan.rollouts.find((rollout) => rollout.service === service)?.strategy;
    return {
      service,
      way: subject.ways?.[service] ?? "redeploy",
      isBack: reason === "rollback",
      took: Math.max(0, took - (strategy ? leastTimeOf(strategy) : 0)),
    };
  });
}

/** So many of the newest tell how long the next takes. */
const remembered = 9;

/** How long a move of a service takes here, by the middle of the last ones; null before the first. Ways back tell best. */
export function expectedTime(times: readonly RolloutTime[], service: string, way: "flip" | "redeploy"): Millis | null {
  const alike = times.filter((one) => one.service === service && one.way === way);
  const back = alike.filter(({ isBack }) => isBack);
  const took = (back.length > 0 ? back : alike)
    .slice(0, remembered)
    .map((one) => one.took)
    .toSorted((a, b) => a - b);
  return took[Math.floor(took.length / 2)] ?? null;
}
