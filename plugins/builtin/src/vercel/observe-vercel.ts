import type { Group, ReleaseId } from "@fairway/core";
import { FairwayError, nothing } from "@fairway/core";
import { deploymentById } from "./vercel-deployments.ts";
import { lookAtVercel } from "./vercel-look.ts";
import type { VercelTargetParts } from "./vercel-target-parts.ts";

/** What runs on Vercel, by release. Throws `not_found` where the project is not there. */
export async function observeVercel({
  placement,
  scope,
  ledger,
  api,
}: Pick<VercelTargetParts, "placement" | "scope" | "ledger" | "api">): Promise<ReadonlyMap<ReleaseId, Group>> {
  const look = await lookAtVercel(api, placement);
  if ("refused" in look)
    throw new FairwayError("not_found", look.refused, { hint: "check `vercel` of the environment" });
  const marks = await ledger.read(scope);
  const ids = new Set([...Object.values(look.addresses), look.rolling?.canary ?? null]);
  const found = new Map<ReleaseId, Group>();
  for (const id of ids) {
    if (id === null) continue;
    const deployment = id === marks?.deployment ? null : await deploymentById(api, id);
    if (deployment !== null && "refused" in deployment)
      throw new FairwayError("not_found", deployment.refused, { hint: "check `vercel` of the environment" });
    const release = id === marks?.deployment ? marks.release : (deployment?.meta["fairwayRelease"] ?? id);
    const desired = marks?.desired ?? 1;
    found.set(release as ReleaseId, { ...nothing, running: desired, ready: desired });
  }
  return found;
}
