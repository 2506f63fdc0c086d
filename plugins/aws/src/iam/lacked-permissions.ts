import type { EvaluationResult } from "@aws-sdk/client-iam";
import { FairwayError, codeOf, messageOf } from "@fairway/core";
import { allPages } from "../session/all-pages.ts";
import type { AwsSession } from "../session/aws-session.ts";
import type { Permission } from "./needed-permissions.ts";
import { principalOf } from "./needed-permissions.ts";

/** What of some permissions the caller lacks; `unknown` says why nobody could tell. */
export type LackedPermissions = { readonly lacked: readonly Permission[] } | { readonly unknown: string };

/**
 * Has IAM work out what the caller's policies allow, with their boundaries and the organization's; asks nothing of the services
 * themselves, and changes nothing. One call for all of it. Where the caller may not ask that, or somebody else than AWS
 * answers, it is not known. https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 */
export async function lackedPermissions(
  session: AwsSession,
  caller: string,
  asked: readonly Permission[],
): Promise<LackedPermissions> {
  const principal = principalOf(caller);
  if (principal === null) return { unknown: `${caller} is neither a user nor a role` };
  const iam = await session.iam();
  try {
    const found = await allPages(async (Marker) => {
      const page = await iam.simulatePrincipalPolicy({
        PolicySourceArn: principal,
        ActionNames: [...new Set(asked.map(({ action }) => action))],
        ResourceArns: [...new Set(asked.map(({ resource }) => resource))],
        // The conditions of the policy that `fairway aws policy` prints.
        ContextEntries: [
          {
            ContextKeyName: "iam:PassedToService",
            ContextKeyType: "string",
            ContextKeyValues: ["ecs-tasks.amazonaws.com"],
          },
        ],
        Marker,
      });
      if (page.EvaluationResults === undefined)
        throw new FairwayError("target_unreachable", "iam:SimulatePrincipalPolicy answered without results");
      return { items: page.EvaluationResults, next: page.IsTruncated === true ? page.Marker : undefined };
    });
    const decided = new Map(found.flatMap(decisions));
    // What IAM said nothing of is not held against anybody.
    return { lacked: asked.filter((each) => decided.get(keyOf(each)) === false) };
  } catch (thrown) {
    // Whoever may not ask, or is not known to IAM by that name, may still be allowed to deploy.
    if (codeOf(thrown) === undefined) throw thrown;
    return { unknown: messageOf(thrown) };
  }
}

const keyOf = ({ action, resource }: Permission): string => `${action} ${resource}`;

/**
 * Whether each pair is allowed. With several resources IAM answers for each of them within the action. What hangs on a
 * condition whose value only the call itself brings is not decided.
 */
function decisions({
  EvalActionName: action = "",
  EvalResourceName: resource = "*",
  EvalDecision: decision,
  MissingContextValues: missing = [],
  ResourceSpecificResults: each = [],
}: EvaluationResult): readonly (readonly [string, boolean])[] {
  const found =
    each.length === 0
      ? [{ resource, decision, missing }]
      : each.map(({ EvalResourceName, EvalResourceDecision, MissingContextValues }) => ({
          resource: EvalResourceName ?? "*",
          decision: EvalResourceDecision,
          missing: MissingContextValues ?? [],
        }));
  return found
    .filter(({ missing: lacks }) => lacks.length === 0)
    .map((one) => [keyOf({ action, resource: one.resource }), one.decision === "allowed"]);
}
