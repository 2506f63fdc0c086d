import type { DeploymentPlan, Replica } from "@fairway/core";
import { codeOf, evidenceLimits } from "@fairway/core";
import type { KeptEvidence } from "../store/evidence.ts";
import type { Places } from "./places.ts";

/** Of one deployment: enough to see why, and no more than a person reads. */
const mostReplicas = 20;

/**
 * What the failed replicas of a deployment left, before they are forgotten. It never stands in the way of what puts things
 * right: of a platform that does not answer there is no evidence, and the outcome says that.
 */
export async function collectEvidence(places: Places, plan: DeploymentPlan): Promise<readonly KeptEvidence[]> {
  const found: KeptEvidence[] = [];
  for (const { service } of plan.rollouts) {
    const replicas = (await unlessSilent(() => places.replicasOf(plan.environment, service))) ?? [];
    const failed = replicas.filter(({ state, release }) => state === "failed" && release === plan.release);
    for (const replica of failed.slice(0, mostReplicas - found.length)) {
      const left = await unlessSilent(() => places.evidenceOf(plan.environment, service, replica.name));
      found.push(capped(service, replica, left ?? { exit: null, log: [], logWithheld: null, health: [] }));
    }
  }
  return found;
}

function capped(
  service: string,
  { name, release, reason }: Replica,
  left: Pick<KeptEvidence, "exit" | "log" | "logWithheld" | "health">,
): KeptEvidence {
  const { lines, line, answers, body } = evidenceLimits;
  return {
    service,
    replica: name,
    release,
    reason: reason === undefined ? null : reason.slice(0, lines * line),
    exit: left.exit,
    log: left.log.slice(-lines).map((text) => text.slice(0, line)),
    logWithheld: left.logWithheld,
    health: left.health.slice(-answers).map((seen) => ({ ...seen, body: seen.body.slice(0, body) })),
  };
}

/** Null when the platform does not answer; anything else that is thrown is a fault of ours and is thrown on. */
async function unlessSilent<Answer>(ask: () => Promise<Answer>): Promise<Answer | null> {
  try {
    return await ask();
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
    return null;
  }
}
