import type { CanaryStep, HostedMarks, Rollout, StrategyOptions, VercelPlacement } from "@fairway/core";
import { linearSteps } from "@fairway/core";
import type { Answer, PlatformApi } from "../hosted/platform-api.ts";
import type { VercelLook } from "./vercel-look.ts";

/** Null when it was asked for; else why Vercel would not, and whether that may be because it has happened already. */
export type Refused = { readonly sentence: string; readonly mayPass: boolean } | null;

const refusedIn = (answer: Answer): Refused =>
  answer.ok ? null : { sentence: answer.refusal.sentence, mayPass: [400, 404, 409].includes(answer.refusal.status) };

/**
 * Has every address lead to a deployment. Production's domains move together and in a moment; `isBack` says that it ran there
 * before, which Vercel calls a rollback and never rolls out in stages. Safe to repeat.
 */
export async function pointTo(
  api: PlatformApi,
  { target }: VercelPlacement,
  { projectId, addresses }: VercelLook,
  wanted: Readonly<Record<string, string | null>>,
  isBack: boolean,
): Promise<Refused> {
  if (target === "production") {
    const deployment = Object.values(wanted).find((id) => id !== null);
    if (deployment === undefined) return { sentence: "there is nothing to lead the domains to", mayPass: false };
    const project = encodeURIComponent(projectId);
    const path = isBack
      ? `/v1/projects/${project}/rollback/${deployment}`
      : `/v10/projects/${project}/promote/${deployment}`;
    return refusedIn(await api.call({ method: "POST", path, json: {} }));
  }
  for (const [alias, deployment] of Object.entries(wanted)) {
    if (deployment === null || addresses[alias] === deployment) continue;
    const path = `/v2/deployments/${encodeURIComponent(deployment)}/aliases`;
    const refused = refusedIn(await api.call({ method: "POST", path, json: { alias } }));
    if (refused !== null) return refused;
  }
  return null;
}

/** The shares of traffic of a strategy, rising; empty where all of it moves at once. */
export const stagesOf = (strategy: StrategyOptions): readonly number[] => stepsOf(strategy).map(({ weight }) => weight);

function stepsOf(strategy: StrategyOptions): readonly CanaryStep[] {
  switch (strategy.name) {
    case "canary":
      return strategy.steps;
    case "linear":
      return linearSteps(strategy);
    default:
      return [];
  }
}

/** Begins a rolling release whose every stage waits for Fairway. Safe to repeat. */
export async function startRolling(
  api: PlatformApi,
  { projectId }: VercelLook,
  { strategy }: Rollout,
  deployment: string,
): Promise<Refused> {
  const at = `/v1/projects/${encodeURIComponent(projectId)}/rolling-release`;
  const configured = await api.call({
    method: "PATCH",
    path: `${at}/config`,
    json: {
      enabled: true,
      advancementType: "manual-approval",
      stages: [...stagesOf(strategy), 100].map((targetPercentage) => ({ targetPercentage })),
    },
  });
  if (!configured.ok)
    return { sentence: `rolling releases cannot be set up: ${configured.refusal.sentence}`, mayPass: false };
  return refusedIn(await api.call({ method: "POST", path: `${at}/start`, json: { canaryDeploymentId: deployment } }));
}

/** Takes a rolling release to its next stage. A stage that it has left already is refused by Vercel, which changes nothing. */
export const approveStage = async (
  api: PlatformApi,
  { projectId }: VercelLook,
  stage: number,
  deployment: string,
): Promise<Refused> =>
  refusedIn(
    await api.call({
      method: "POST",
      path: `/v1/projects/${encodeURIComponent(projectId)}/rolling-release/approve-stage`,
      json: { activeStageIndex: stage, nextStageIndex: stage + 1, canaryDeploymentId: deployment },
    }),
  );

/** Gives the canary of a rolling release all of the traffic. */
export const completeRolling = async (
  api: PlatformApi,
  { projectId }: VercelLook,
  deployment: string,
): Promise<Refused> =>
  refusedIn(
    await api.call({
      method: "POST",
      path: `/v1/projects/${encodeURIComponent(projectId)}/rolling-release/complete`,
      json: { canaryDeploymentId: deployment },
    }),
  );

/** What led somewhere before, of the addresses that there are now. */
export const beforeOf = (
  { addresses }: VercelLook,
  { before }: Pick<HostedMarks, "before">,
): Record<string, string | null> =>
  Object.fromEntries(Object.keys(addresses).map((address) => [address, before[address] ?? null]));
