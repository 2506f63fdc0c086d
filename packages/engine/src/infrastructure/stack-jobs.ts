import type { ChangeCount, Digest, InfrastructureStack, ReleaseId, Sha } from "@fairway/core";
import type { PlanMode } from "@fairway/infrastructure";
import type { JobPlan } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";

/** What the jobs of one stack are told. */
export interface StackJobInput {
  readonly environment: string;
  /** As the commit's own configuration has it. */
  readonly stack: InfrastructureStack;
  readonly commit: Sha;
  /** Null where the commit is of no release. */
  readonly release: ReleaseId | null;
  readonly mode: PlanMode;
  /** How many people the environment asks for. */
  readonly approvals: number;
  /** A plan that was made before, which is applied instead of another; null where one is made. */
  readonly plan: number | null;
}

/** What a plan job found out. */
export interface PlannedStack {
  /** The number of the plan that is kept; null where there is nothing to do. */
  readonly plan: number | null;
  readonly digest: Digest;
  readonly count: ChangeCount;
  /** How many people must say yes. */
  readonly needed: number;
  /** What one of them must type: addresses of what is taken away, or the environment's name. */
  readonly names: readonly string[];
}

/** What an approval of infrastructure waits for, beside the number of people. */
export interface StackApproval {
  readonly needed: number;
  readonly digest: Digest;
  /** The plan that is asked about. */
  readonly infrastructure: number | null;
  readonly names: readonly string[];
}

export const planStageName = "infrastructure-plan";
export const applyStageName = "infrastructure-apply";
export const lookStageName = "infrastructure-look";
export const restoreStageName = "infrastructure-restore";

export const planJobOf = (stack: string): string => `plan:${stack}`;
export const approvalJobOf = (stack: string): string => `approval:${stack}`;
const applyJobOf = (stack: string): string => `apply:${stack}`;

const minute = 60_000;

/** Which stacks, of which commit, and what comes before all of them. */
export interface StackJobsRequest extends Omit<StackJobInput, "stack" | "plan"> {
  readonly stacks: readonly InfrastructureStack[];
  readonly needs: readonly string[];
  /** The only plan to apply, of one stack. */
  readonly plan?: number;
}

/**
 * The jobs that plan, ask about and apply the stacks of an environment, each after those that it needs; taken away they go in
 * the reverse order. No jobs where there are no stacks. What comes after must need all of `last`.
 */
export function infrastructureJobs({ stacks, needs, plan, ...about }: StackJobsRequest): {
  readonly jobs: readonly JobPlan[];
  readonly last: readonly string[];
} {
  const names = new Set(stacks.map(({ name }) => name));
  const before = (stack: InfrastructureStack): readonly string[] =>
    about.mode === "destroy"
      ? stacks.filter(({ after }) => after.includes(stack.name)).map(({ name }) => name)
      : stack.after.filter((name) => names.has(name));
  const jobs = stacks.flatMap((stack): readonly JobPlan[] => {
    const input = asJson({ ...about, stack, plan: plan ?? null } satisfies StackJobInput);
    const job = (name: string, stage: string, needed: readonly string[], timeout: number): JobPlan => ({
      name,
      stage,
      needs: needed,
      turn: "after-success",
      input,
      timeout,
    });
    const time = stack.timeout + stack.lockTimeout;
    return [
      job(planJobOf(stack.name), planStageName, [...needs, ...before(stack).map(applyJobOf)], 3 * time + 10 * minute),
      // What is asked is known once the plan is; until then the run's plan decides nothing about it.
      { ...job(approvalJobOf(stack.name), "planned", [planJobOf(stack.name)], 0), input: null },
      job(
        applyJobOf(stack.name),
        applyStageName,
        [planJobOf(stack.name), approvalJobOf(stack.name)],
        3 * time + 10 * minute,
      ),
    ];
  });
  return { jobs, last: stacks.map(({ name }) => applyJobOf(name)) };
}
