import type { ComingRollout, Preflight } from "@fairway/core";
import { olderValues } from "../hosted/older-values.ts";
import { broughtBack } from "./vercel-begin.ts";
import { deploymentById, deploymentsOf } from "./vercel-deployments.ts";
import { lookAtVercel } from "./vercel-look.ts";
import type { VercelTargetParts } from "./vercel-target-parts.ts";
import { missingSentence, variablesOf } from "./vercel-variables.ts";

const refusing = (sentence: string): Preflight => ({ refusals: [sentence], warnings: [] });

/** What a rollout would be refused for at Vercel, and what of it is not as now. Reads, and changes nothing. */
export async function preflightVercel(parts: VercelTargetParts, rollout: ComingRollout): Promise<Preflight> {
  const { api, placement, ledger, scope, bundleOf } = parts;
  if ((await ledger.read(scope))?.rollout === rollout.id) return { refusals: [], warnings: [] };
  const look = await lookAtVercel(api, placement);
  if ("refused" in look) return refusing(look.refused);
  const variables = await variablesOf(api, look.projectId, placement);
  if ("refused" in variables && placement.needs.length > 0) return refusing(variables.refused);
  const { changedAt, names } = "refused" in variables ? { changedAt: 0, names: [] } : variables;
  const missing = missingSentence(placement, { names });
  if (missing !== null) return refusing(missing);
  const there = await deploymentsOf(api, look.projectId, rollout);
  if ("refused" in there) return refusing(there.refused);
  const runs = Object.values(look.addresses).find((id) => id !== null) ?? null;
  const current = runs === null ? null : await deploymentById(api, runs);
  if (current !== null && "refused" in current) return refusing(current.refused);
  const readies = there.filter(({ state }) => state === "READY");
  const before = broughtBack(current, readies);
  if (before === undefined || before !== readies[0]) return { refusals: [], warnings: [] };
  const { id, createdAt, meta } = before;
  const isOfNow = async (): Promise<boolean> =>
    createdAt >= changedAt && meta["fairwayVariables"] === (await bundleOf(rollout.to)).variables;
  return { refusals: [], warnings: await olderValues(rollout, { as: id, isOfNow }) };
}
