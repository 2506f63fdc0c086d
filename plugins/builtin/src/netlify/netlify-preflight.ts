import type { ComingRollout, Preflight } from "@fairway/core";
import { olderValues } from "../hosted/older-values.ts";
import type { NetlifyDeploy, NetlifyLook } from "./netlify-deploys.ts";
import { lookAtNetlify, prefixOf, releaseIn } from "./netlify-deploys.ts";
import type { NetlifyTargetParts } from "./netlify-target.ts";

/** Why nothing can be published at a site; null where nothing is in the way. */
export const lockSentence = (
  { site, branch }: NetlifyTargetParts["placement"],
  { current }: Pick<NetlifyLook, "current">,
): string | null =>
  branch === null && current?.isLocked === true
    ? `site ${site} is locked to deploy ${current.id} on Netlify: start auto publishing there`
    : null;

/** Which ready deploy of a release ran before what is published now, as on a way back; none where the release is published. */
export const broughtBack = (
  current: NetlifyDeploy | null,
  readies: readonly NetlifyDeploy[],
): NetlifyDeploy | undefined =>
  readies.some(({ id }) => id === current?.id)
    ? undefined
    : readies.find(({ createdAt }) => current !== null && createdAt < current.createdAt);

/** What a rollout would be refused for at Netlify, and what of it is not as now. Reads, and changes nothing. */
export async function preflightNetlify(parts: NetlifyTargetParts, rollout: ComingRollout): Promise<Preflight> {
  const { api, placement, ledger, scope, bundleOf } = parts;
  if ((await ledger.read(scope))?.rollout === rollout.id) return { refusals: [], warnings: [] };
  const look = await lookAtNetlify(api, placement);
  if ("refused" in look) return { refusals: [look.refused], warnings: [] };
  const locked = lockSentence(placement, look);
  // A branch leads to its newest deploy, so it gets a new one on a way back too.
  const readies = look.deploys.filter(
    (deploy) =>
      placement.branch === null &&
      deploy.state === "ready" &&
      deploy.title.startsWith(prefixOf(rollout)) &&
      releaseIn(deploy) === rollout.to,
  );
  const back = broughtBack(look.current, readies);
  const isBack = back !== undefined && back === readies[0];
  const isOfNow = async (): Promise<boolean> => (await bundleOf(rollout.to)).variables === back?.variables;
  return {
    refusals: locked === null ? [] : [locked],
    warnings: isBack ? await olderValues(rollout, { as: back.id, isOfNow }) : [],
  };
}
