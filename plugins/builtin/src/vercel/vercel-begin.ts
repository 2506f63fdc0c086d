import type { HostedMarks, Progress, Rollout } from "@fairway/core";
import type { VercelDeployment } from "./vercel-deployments.ts";
import { deploymentById, deploymentsOf, makeDeployment } from "./vercel-deployments.ts";
import type { VercelLook } from "./vercel-look.ts";
import { failed, isDead } from "./vercel-readiness.ts";
import type { VercelTargetParts } from "./vercel-target-parts.ts";
import { moving } from "./vercel-target-parts.ts";
import { missingSentence, variablesOf } from "./vercel-variables.ts";
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
  const missing = missingSentence(placement, { names });
  if (missing !== null) return failed(missing);
  const there = await deploymentsOf(api, look.projectId, rollout);
  if ("refused" in there) return failed(there.refused);
  const alive = there.filter(({ state }) => !isDead(state));
  const chosen = await chosenOf(parts, rollout, look, alive, changedAt);
  if ("refused" in chosen) return failed(chosen.refused);
  const { ready, stale } = chosen;
  const marks: HostedMarks = {
    rollout: rollout.id,
    release: rollout.to,
    desired: rollout.desired,
    placement,
    before: look.addresses,
    deployment: ready?.id ?? null,
    dead: [...there.filter(({ state }) => isDead(state)), ...stale].map(({ id }) => id),
    asked: null,
    askedBack: null,
    stages: null,
    isBack: false,
  };
  await ledger.write(rollout.token, marks);
  const [newest] = stale;
  if (newest === undefined) return marks;
  const why =
    newest.createdAt < changedAt
      ? `variables of ${placement.project} on Vercel changed at ${new Date(changedAt).toISOString()}`
      : "variables or secrets of this environment changed";
  return moving(parts, `${why}, after ${newest.id} was made: ${rollout.to} is deployed anew`);
}

/**
 * Which of a release's deployments may serve again, and which are stale when none may. A deployment keeps the variables that it
 * was made with: right on a way back, which brings all of what ran; wrong for whoever deploys a release again because one of
 * them, the project's on Vercel or ours, was changed.
 */
async function chosenOf(
  { api, bundleOf }: VercelTargetParts,
  rollout: Rollout,
  { addresses }: VercelLook,
  alive: readonly VercelDeployment[],
  changedAt: number,
): Promise<
  | { readonly ready: VercelDeployment | undefined; readonly stale: readonly VercelDeployment[] }
  | { readonly refused: string }
> {
  if (alive.length === 0) return { ready: undefined, stale: [] };
  const runs = Object.values(addresses).find((id) => id !== null) ?? null;
  const current = runs === null ? null : await deploymentById(api, runs);
  if (current !== null && "refused" in current) return current;
  const readies = alive.filter(({ state }) => state === "READY");
  const before = broughtBack(current, readies);
  // A way back asks for no value: a secret that is gone by now must not stand in its way.
  if (before !== undefined && before === readies[0]) return { ready: before, stale: [] };
  const { variables } = await bundleOf(rollout.to);
  const isFresh = ({ createdAt, meta }: VercelDeployment): boolean =>
    createdAt >= changedAt && meta["fairwayVariables"] === variables;
  const ready = readies.find(isFresh) ?? before;
  return { ready, stale: ready === undefined ? alive.filter((one) => !isFresh(one)) : [] };
}

/** Which ready deployment of a release ran before what serves now, as on a way back; none where the release serves. */
export const broughtBack = (
  current: VercelDeployment | null,
  readies: readonly VercelDeployment[],
): VercelDeployment | undefined =>
  readies.some(({ id }) => id === current?.id)
    ? undefined
    : readies.find(({ createdAt }) => current !== null && createdAt < current.createdAt);

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
