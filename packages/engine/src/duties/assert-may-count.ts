import type { DutyPlan, NewEvidence } from "@fairway/core";
import { FairwayError, figureObstacle } from "@fairway/core";
import { evidenceAbout } from "../store/duty-records.ts";
import { secretFacts } from "../store/secrets.ts";
import type { Sql } from "../store/store.ts";
import { leakObstacle } from "./leaked-values.ts";

/**
 * That what somebody says of a duty may count as its having passed. Throws `bad_request` where a figure is wanted and none is
 * given, and `not_allowed_now` for the exchange of a key whose leaked value is still the one that the store gives.
 */
export async function assertMayCount(sql: Sql, plan: DutyPlan, evidence: NewEvidence): Promise<void> {
  const { duty, environment, facts } = evidence;
  if (evidence.outcome !== "passed") return;
  const figure = figureObstacle(plan.education ?? [], duty, facts);
  if (figure !== null)
    throw new FairwayError("bad_request", figure, {
      hint: "give the figure: --fact value=0.5; without a goal, write `kpi` into ops/education.yaml",
    });
  if (!duty.endsWith(":rotate")) return;
  const told = await evidenceAbout(sql, { duty, release: null, limit: 100 });
  const leak = leakObstacle(told, environment, await secretFacts(sql));
  if (leak !== null)
    throw new FairwayError("not_allowed_now", leak, {
      hint: "store the new value first: fairway secrets set; or let the duty exchange it: fairway duties run",
    });
}
