import type { VercelPlacement } from "@fairway/core";
import type { PlatformApi } from "../hosted/platform-api.ts";
import { numberOf, textOf } from "../hosted/platform-api.ts";
import { allOf } from "./vercel-pages.ts";

/** The variables that a project gives the deployments of a target, without their values. */
export interface VercelVariables {
  readonly names: readonly string[];
  /** When one of them was last made or changed, as Vercel counts; 0 where there are none. */
  readonly changedAt: number;
}

/** Reads which variables a project has for a target, and when they last changed; or why that cannot be read. */
export async function variablesOf(
  api: PlatformApi,
  projectId: string,
  { target }: Pick<VercelPlacement, "target">,
): Promise<VercelVariables | { readonly refused: string }> {
  const found = await allOf(api, `/v10/projects/${encodeURIComponent(projectId)}/env`, "envs", { decrypt: "false" });
  if ("refused" in found) return found;
  const ours = found.filter(
    ({ target: targets, gitBranch }) => (gitBranch ?? null) === null && [targets].flat().includes(target),
  );
  return {
    names: ours.flatMap(({ key }) => textOf(key) ?? []),
    changedAt: Math.max(0, ...ours.map(({ updatedAt, createdAt }) => numberOf(updatedAt) ?? numberOf(createdAt) ?? 0)),
  };
}

/** Which of the variables that must be there are not. */
export const missingOf = (
  { needs }: Pick<VercelPlacement, "needs">,
  { names }: Pick<VercelVariables, "names">,
): readonly string[] => needs.filter((name) => !names.includes(name));

/** That variables are missing, in a sentence; null where none is. */
export function missingSentence(placement: VercelPlacement, known: Parameters<typeof missingOf>[1]): string | null {
  const missing = missingOf(placement, known);
  return missing.length === 0
    ? null
    : `project ${placement.project} on Vercel has no ${missing.join(", ")} for ${placement.target}: add them there`;
}
