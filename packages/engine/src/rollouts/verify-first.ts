import type { Rollout } from "@fairway/core";
import { environmentOf, previewRules, previewSuffix } from "@fairway/core";
import type { Attempt } from "../runs/stage.ts";
import type { DeploymentInput } from "./deployment-run.ts";
import { wantedOf } from "./place-of.ts";
import type { ToVerify, VerifyParts } from "./run-verify.ts";
import { runVerify } from "./run-verify.ts";

/** Whether the new replicas must pass the environment's checks before they get any traffic. */
export const verifiesFirst = ({ strategy }: Rollout): boolean =>
  "verifyFirst" in strategy && strategy.verifyFirst === true;

/**
 * Runs the environment's checks against new replicas that have no traffic yet, by the way that only their preview has.
 * Answers with why they must not get any; null when they may.
 */
export async function verifyCandidate(
  parts: VerifyParts,
  attempt: Attempt,
  { plan }: DeploymentInput,
  { environment: name, service, strategy }: Rollout,
): Promise<string | null> {
  const release = await parts.releaseOf(plan.release);
  const environment = environmentOf(release.project, name);
  if (environment === undefined || environment.verify.length === 0) return null;
  const preview = `${parts.places.internalUrl(name, service)}${previewSuffix}`;
  const { routes } = wantedOf(release.project, name, service).placement;
  const [rule] = "preview" in strategy ? previewRules(strategy.preview, routes) : [];
  const others = plan.rollouts.map((rollout) => [rollout.service, parts.places.internalUrl(name, rollout.service)]);
  const toVerify: ToVerify = {
    environment,
    release,
    workspace: `verify-${service}`,
    prefix: "verify-",
    // The environment's own address still leads to the old release.
    url: rule === undefined ? preview : parts.places.publicUrl(rule.host, rule.path),
    stable: Object.fromEntries([[service, parts.places.internalUrl(name, service)]]),
    services: { ...(Object.fromEntries(others) as Readonly<Record<string, string>>), [service]: preview },
  };
  const answer = await runVerify(parts, attempt, toVerify);
  return answer.outcome === "succeeded"
    ? null
    : `the new release has no traffic yet, and must not get any: ${answer.reason}`;
}
