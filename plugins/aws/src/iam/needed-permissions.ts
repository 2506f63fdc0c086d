import type { TaskDefinition } from "@aws-sdk/client-ecs";
import type { EcsPlacement } from "@fairway/core";
import { ecsPolicy } from "@fairway/core";

/** One action on one resource, as a policy allows it. */
export interface Permission {
  readonly action: string;
  readonly resource: string;
}

/**
 * Statements of the policy that `fairway aws policy` prints without which no rollout gets to its end; what only gives evidence
 * is left out.
 */
const needed: ReadonlySet<string> = new Set([
  "Services",
  "Marks",
  "Register",
  "CodeDeploy",
  "CodeDeployRevisions",
  "RegisterOnce",
]);

/**
 * What a rollout onto a service must be allowed: by the same table of actions as the policy, on the very account, family and
 * roles. Pure.
 */
export function neededPermissions(
  placement: EcsPlacement,
  {
    account,
    family,
    definition,
  }: { readonly account: string; readonly family: string; readonly definition: TaskDefinition },
): readonly Permission[] {
  const { Statement: statements } = ecsPolicy([{ ...placement, account, family: placement.family ?? family }], null);
  const { taskRoleArn, executionRoleArn } = definition;
  const roles = [...new Set([taskRoleArn, executionRoleArn].flatMap((role) => role ?? []))];
  return [
    ...statements
      .filter(({ Sid }) => needed.has(Sid))
      .flatMap(({ Action, Resource }) =>
        Action.flatMap((action) => Resource.map((resource) => ({ action, resource }))),
      ),
    { action: "ecs:DescribeTaskDefinition", resource: "*" },
    ...roles.map((resource) => ({ action: "iam:PassRole", resource })),
  ];
}

/**
 * Whose policies allow what a caller does, by the caller's ARN: a user, or the role that was taken on; null for root, who may
 * do all, and for anybody else.
 */
export function principalOf(caller: string): string | null {
  const [, partition, account, role] = /^arn:([\w-]+):sts::(\d{12}):assumed-role\/([^/]+)\//u.exec(caller) ?? [];
  if (role !== undefined) return `arn:${partition}:iam::${account}:role/${role}`;
  return /^arn:[\w-]+:iam::\d{12}:user\//u.test(caller) ? caller : null;
}
