import type { DutyPlan, NewEvidence } from "@fairway/core";
import { FairwayError, figureObstacle } from "@fairway/core";
import { evidenceAbout, isEvidenceOf } from "../store/duty-records.ts";
import { secretFacts } from "../store/secrets.ts";
import type { Sql } from "../store/store.ts";
import { leakObstacle } from "./leaked-values.ts";

/**
 * That what somebody says of a duty may count. Throws `bad_request` where it corrects what is no evidence of it, or a figure is
 * wanted and none is given, and `not_allowed_now` for the exchange of a key whose leaked value is still the one that the store
 * gives.
 */
export async function assertMayCount(sql: Sql, plan: DutyPlan, evidence: NewEvidence): Promise<void> {
  const { duty, environment, facts, corrects, release } = evidence;
  if (corrects !== null && !(await isEvidenceOf(sql, { duty, release }, corrects)))
    throw new FairwayError("bad_request", `row ${corrects} of the record is no evidence of ${duty}`, {
      hint: `see which there are: fairway duties show ${duty}`,
    });
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
