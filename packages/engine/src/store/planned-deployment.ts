import type { DeploymentPlan, RunId } from "@fairway/core";
import type { Sql } from "./store.ts";

/** The plan that a deployment's run was made of, to which its approvals are bound; null for a run of anything else. */
export async function plannedDeployment(sql: Sql, run: RunId): Promise<DeploymentPlan | null> {
  const [row] = await sql.rows<{ input: { readonly plan?: DeploymentPlan } | null }>(
    "select input from fairway.jobs where run = $1 and name = 'begin' and stage = 'begin'",
    [run],
  );
  return row?.input?.plan ?? null;
}
