import type { EcsPlacement, Preflight } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import { lackedPermissions } from "../iam/lacked-permissions.ts";
import { neededPermissions } from "../iam/needed-permissions.ts";
import { policyLine } from "../session/aws-error.ts";
import type { AwsSession } from "../session/aws-session.ts";
import type { EcsLook } from "./ecs-look.ts";
import type { KnownTaskDefinition } from "./ecs-service.ts";
import { familyOf } from "./family-of.ts";

/** Why it is not known what the credentials of a session may do, and when that was found; asked again after an hour. */
export type PermissionMemory = Map<AwsSession, { readonly at: number; readonly unknown: string }>;

const hour = 3_600_000;

/**
 * What the credentials are not allowed that a rollout needs, with the line of the policy for each; or that nobody could tell.
 */
export async function permissionProblems(
  { session, placement, memory }: PermissionParts,
  look: EcsLook,
  { definition }: KnownTaskDefinition,
): Promise<Preflight> {
  const before = memory.permissions.get(session);
  if (before !== undefined && performance.now() - before.at < hour) return notKnown(before.unknown);
  const who = await callerOf(session);
  if ("unknown" in who) return notKnown(who.unknown);
  const { caller, account } = who;
  // Nothing is refused to it but by its organization.
  if (caller.endsWith(":root")) return { refusals: [], warnings: [] };
  const family = familyOf(look.taskDefinition) ?? "*";
  const found = await lackedPermissions(session, caller, neededPermissions(placement, { account, family, definition }));
  if ("unknown" in found) {
    memory.permissions.set(session, { at: performance.now(), unknown: found.unknown });
    return notKnown(found.unknown);
  }
  return {
    refusals: found.lacked.map(
      ({ action, resource }) =>
        `${caller} may not ${action} on ${resource}: add ${policyLine(action, resource)} to its policy`,
    ),
    warnings: [],
  };
}

/** Whose credentials a session has; STS may be out of reach where ECS is not. */
async function callerOf(
  session: AwsSession,
): Promise<{ readonly caller: string; readonly account: string } | { readonly unknown: string }> {
  try {
    const { Arn: caller = "", Account: account = "" } = await (await session.sts()).getCallerIdentity({});
    return { caller, account };
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
    return { unknown: messageOf(thrown) };
  }
}

interface PermissionParts {
  readonly session: AwsSession;
  readonly placement: EcsPlacement;
  readonly memory: { readonly permissions: PermissionMemory };
}

const notKnown = (why: string): Preflight => ({
  refusals: [],
  warnings: [`whether its credentials may do all of it is not known: ${why}`],
});
