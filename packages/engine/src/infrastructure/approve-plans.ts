import type { JobDecider } from "../runs/growing-runs.ts";
import { asJson } from "../stages/release-run.ts";
import type { HeldJob } from "../store/jobs.ts";
import { jobsOfHeldRun, putJob, resultsOf } from "../store/jobs.ts";
import type { PlannedStack, StackApproval } from "./stack-jobs.ts";
import { approvalJobOf, planJobOf, planStageName } from "./stack-jobs.ts";

/**
 * Turns what stands for an approval into one, once the plan is there that it is about. After a retry the plan is another, and
 * what was said of the one before counts for nothing.
 */
export const askAboutPlans: JobDecider = async (tx, run, jobs) => {
  const open = jobs.flatMap((plan) => {
    if (plan.stage !== planStageName || plan.state !== "succeeded") return [];
    const stack = plan.name.slice(planJobOf("").length);
    const approval = jobs.find(({ name, state }) => name === approvalJobOf(stack) && state === "pending");
    return approval === undefined ? [] : [{ plan, approval }];
  });
  if (open.length === 0) return jobs;
  const results = await resultsOf(tx, run.id, [planStageName]);
  let changed = false;
  for (const { plan, approval } of open) {
    const { digest, needed, names, plan: infrastructure } = results.get(plan.name) as unknown as PlannedStack;
    if (approval.stage === "approval" && asked(approval).digest === digest) continue;
    changed = true;
    await putJob(tx, run.id, {
      name: approval.name,
      stage: "approval",
      needs: approval.needs,
      turn: approval.turn,
      input: asJson({ needed, digest, names, infrastructure } satisfies StackApproval),
      timeout: 0,
      place: jobs.indexOf(approval),
    });
  }
  return changed ? jobsOfHeldRun(tx, run.id) : jobs;
};

const asked = (approval: HeldJob): Partial<StackApproval> => (approval.waitsFor ?? {}) as Partial<StackApproval>;
