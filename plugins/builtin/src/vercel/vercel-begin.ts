import type { HostedMarks, Progress, Rollout } from "@fairway/core";
import type { PlatformApi } from "../hosted/platform-api.ts";
import type { VercelDeployment } from "./vercel-deployments.ts";
import { deploymentById, deploymentsOf, makeDeployment } from "./vercel-deployments.ts";
import type { VercelLook } from "./vercel-look.ts";
import { failed, isDead } from "./vercel-readiness.ts";
import type { VercelTargetParts } from "./vercel-target-parts.ts";
import { moving } from "./vercel-target-parts.ts";
import { missingOf, variablesOf } from "./vercel-variables.ts";
import { isOpen } from "./vercel-verdict.ts";

/** Writes down how a project stands before a rollout does anything there, or says what must come first. */
export async function begin(
  parts: VercelTargetParts,
  rollout: Rollout,
  look: VercelLook,
): Promise<HostedMarks | Progress> {
  const { placement, ledger, api } = parts;
  // Somebody else's is theirs to end; nothing of this rollout is there yet that could be in its way.
  if (look.rolling !== null)
    return moving(
      parts,
      `a rolling release of ${look.rolling.canary} is under way on Vercel: complete it or abort it there`,
    );
  if (look.request !== null && isOpen(look.request.status))
    return moving(parts, `Vercel still moves the domains to ${look.request.to}`);
  const variables = await variablesOf(api, look.projectId, placement);
  // A token that may not read them may still deploy, where nothing is said to be needed.
  if ("refused" in variables && placement.needs.length > 0) return failed(variables.refused);
  const { changedAt, names } = "refused" in variables ? { changedAt: 0, names: [] } : variables;
  const missing = missingOf(placement, { names });
  if (missing.length > 0)
    return failed(
      `project ${placement.project} on Vercel has no ${missing.join(", ")} for ${placement.target}: add them there`,
    );
  const there = await deploymentsOf(api, look.projectId, rollout);
  if ("refused" in there) return failed(there.refused);
  const isUsable = await usable(api, look, changedAt);
  if ("refused" in isUsable) return failed(isUsable.refused);
  const ready = there.find((deployment) => deployment.state === "READY" && isUsable.test(deployment));
  const marks: HostedMarks = {
    rollout: rollout.id,
    release: rollout.to,
    desired: rollout.desired,
    placement,
    before: look.addresses,
    deployment: ready?.id ?? null,
    dead: there
      .filter(({ state, createdAt }) => isDead(state) || (ready === undefined && createdAt < changedAt))
      .map(({ id }) => id),
    asked: null,
    askedBack: null,
    stages: null,
    isBack: false,
  };
  await ledger.write(rollout.token, marks);
  return marks;
}

/**
 * Whether a deployment that is there may serve again. It keeps the variables that the project had when it was made: right on
 * a way back, which brings all of what ran; wrong for whoever deploys a release again because one of them was changed.
 */
async function usable(
  api: PlatformApi,
  { addresses }: VercelLook,
  changedAt: number,
): Promise<{ test(deployment: VercelDeployment): boolean } | { readonly refused: string }> {
  const runs = Object.values(addresses).find((id) => id !== null) ?? null;
  const current = runs === null ? null : await deploymentById(api, runs);
  if (current !== null && "refused" in current) return current;
  return {
    test: ({ createdAt }) => createdAt >= changedAt || (current !== null && createdAt < current.createdAt),
  };
}

/** The deployment of this rollout: the one that was made already, by whoever was killed, or a new one. */
export async function deployed(
  { placement, ledger, api, bundleOf, signal }: VercelTargetParts,
  rollout: Rollout,
  look: VercelLook,
  marks: HostedMarks,
): Promise<HostedMarks | Progress> {
  if (marks.deployment !== null) return marks;
  const found = await deploymentsOf(api, look.projectId, rollout);
  if ("refused" in found) return failed(found.refused);
  const there = found.find(({ id }) => !marks.dead.includes(id));
  const made =
    there ??
    (await makeDeployment(api, placement, rollout, await bundleOf(rollout.to), {
      // What Vercel has of the very same files is dead or of old variables.
      isAnew: marks.dead.length > 0,
      signal,
    }));
  if ("refused" in made) return failed(made.refused);
  const known = { ...marks, deployment: made.id };
  await ledger.write(rollout.token, known);
  return known;
}
