import { freezeAt, loadCalendar } from "@fairway/config";
import type { FreezeWindow, RunId } from "@fairway/core";
import { approvalGate, isOverridden, quarantineSentence } from "@fairway/core";
import { lastCarriedThrough } from "../store/deployments.ts";
import { freezeOverrides } from "../store/freeze-overrides.ts";
import { gatesOf } from "../store/gates.ts";
import { quarantineOf } from "../store/quarantine.ts";
import { runById } from "../store/runs.ts";
import type { Sql } from "../store/store.ts";
import type { DeploymentInput } from "./deployment-run.ts";

/**
 * Why a deployment may not move traffic now although it was let in, as a sentence; null when it may. Between its begin and its
 * first traffic infrastructure may have been changed, databases migrated and a candidate verified: an approval may have grown
 * old, a freeze may have begun, and the release may have come into quarantine. A way back is asked nothing.
 */
export async function refusedAtSwitch(
  sql: Sql,
  run: RunId,
  { plan, digest }: Pick<DeploymentInput, "plan" | "digest">,
  now: number = Date.now(),
): Promise<string | null> {
  if (plan.reason === "rollback") return null;
  const quarantine = await quarantineOf(sql, plan.releaseDigest);
  if (quarantine !== null) return quarantineSentence(plan.release, quarantine);
  // Tried again for what is left to do: its release has the traffic already.
  if ((await lastCarriedThrough(sql, plan.environment))?.run === run) return null;
  return (await notApproved(sql, run, plan.approvals, digest, now)) ?? (await frozen(sql, run, plan.environment, now));
}

async function notApproved(sql: Sql, run: RunId, needed: number, digest: string, now: number): Promise<string | null> {
  if (needed === 0) return null;
  const { terms } = await runById(sql, run);
  const gate = (await gatesOf(sql, run)).findLast(({ job }) => job === "approval");
  const answer = approvalGate(needed, digest, gate?.answers ?? [], terms, now);
  switch (answer.gate) {
    case "open":
      return null;
    case "closed":
      return answer.reason;
    case "waiting":
      return `its approval counts no more: it would wait until ${answer.until}; ask for it again`;
  }
}

/** A freeze that began meanwhile; where something of it moved before, the rest may follow: half of it would be worse. */
async function frozen(sql: Sql, run: RunId, environment: string, now: number): Promise<string | null> {
  const [lock] = await sql.rows<{ freezes: readonly FreezeWindow[] | null; moved: boolean }>(
    `select j.input->'freezes' as freezes, exists (
       select from fairway.jobs r where r.run = j.run and r.stage = 'rollout' and (r.state = 'succeeded' or exists (
         select from fairway.steps s where s.run = r.run and s.job = r.name and s.name = 'switch' and s.state = 'succeeded'))) as moved
     from fairway.jobs j where j.run = $1 and j.stage = 'lock'`,
    [run],
  );
  if (lock === undefined || lock.moved || (lock.freezes ?? []).length === 0) return null;
  await loadCalendar();
  const freeze = freezeAt(lock.freezes ?? [], now);
  if (freeze === null || isOverridden(await freezeOverrides(sql, run))) return null;
  return `${environment} is frozen until ${freeze.until}: ${freeze.because}; nothing of it has traffic yet. Ask for it again then`;
}
