import type { HostedMarks, Progress, VercelPlacement } from "@fairway/core";
import type { PlatformApi } from "../hosted/platform-api.ts";
import { buildLog, deploymentById, failedChecks } from "./vercel-deployments.ts";

/** A rollout to Vercel that came to its end without the release. */
export const failed = (reason: string): Extract<Progress, { phase: "failed" }> => ({ phase: "failed", reason });

/** Whether a deployment on Vercel has ended without ever being ready. */
export const isDead = (state: string): boolean => state === "ERROR" || state === "CANCELED" || state === "BLOCKED";

/** What a deployment on Vercel still waits for, or why it never comes; null when it is ready for traffic. */
export async function notReady(
  { api, placement }: { readonly api: PlatformApi; readonly placement: Pick<VercelPlacement, "poll"> },
  id: string,
): Promise<Progress | null> {
  const moving = (message: string): Progress => ({ phase: "moving", message, checkAgainIn: placement.poll });
  const deployment = await deploymentById(api, id);
  if (deployment === null) return failed(`deployment ${id} was deleted on Vercel`);
  if ("refused" in deployment) return failed(deployment.refused);
  const { state, error, checks } = deployment;
  switch (state) {
    case "READY":
      break;
    case "ERROR":
      return failed(
        [`Vercel could not deploy it: ${error || "it does not say why"}`, ...(await buildLog(api, id))].join("\n"),
      );
    case "CANCELED":
      return failed(`deployment ${id} was cancelled on Vercel`);
    case "BLOCKED":
      return failed(`Vercel blocks deployment ${id}${error === "" ? "" : `: ${error}`}`);
    default:
      return moving(`Vercel: ${id} is ${state}`);
  }
  if (checks === "failed" || checks === "canceled")
    return failed([`checks on Vercel said no to ${id}`, ...(await failedChecks(api, id))].join("\n"));
  return checks === "registered" || checks === "running" ? moving(`Vercel: the checks of ${id} run`) : null;
}

/** Whether a deployment ran before what runs now; the way to it is a rollback, and never in stages. */
export async function isOlder(
  api: PlatformApi,
  placement: Pick<VercelPlacement, "target">,
  mine: string,
  { before }: Pick<HostedMarks, "before">,
): Promise<boolean> {
  const runs = Object.values(before).find((id) => id !== null);
  if (runs === undefined || runs === null || placement.target !== "production") return false;
  const [wanted, current] = [await deploymentById(api, mine), await deploymentById(api, runs)];
  if (wanted === null || current === null || "refused" in wanted || "refused" in current) return false;
  return wanted.createdAt < current.createdAt;
}

/** Ends a deployment that is not ready yet. Safe to repeat. */
export async function cancelIfOpen(api: PlatformApi, id: string): Promise<string | null> {
  const deployment = await deploymentById(api, id);
  if (deployment !== null && "refused" in deployment) return deployment.refused;
  if (deployment === null || deployment.state === "READY" || isDead(deployment.state)) return null;
  // One that is ready by now cannot be cancelled, and need not be.
  await api.call({ method: "PATCH", path: `/v12/deployments/${encodeURIComponent(id)}/cancel` });
  return null;
}
