import type { DeploymentPlan, ReleaseId } from "@fairway/core";
import type { Attempt } from "../runs/stage.ts";
import type { DutyControl } from "./duty-control.ts";

/**
 * Why the duties of an environment keep a release out, for whoever asks for a deployment: a sentence, or none.
 */
export async function heldByGate(
  duties: Pick<DutyControl, "readiness">,
  { release, environment }: { readonly release: ReleaseId; readonly environment: string },
): Promise<readonly string[]> {
  const { ready, sentence } = await duties.readiness({ environment, release, reason: "deploy", remedies: [] });
  return ready ? [] : [sentence];
}

/** The same before an effect, put on record; null when it goes on. A way back is not asked. */
export async function keptOut(
  duties: Pick<DutyControl, "decide"> | undefined,
  attempt: Pick<Attempt, "step">,
  { environment, release, reason }: Pick<DeploymentPlan, "environment" | "release" | "reason">,
): Promise<string | null> {
  if (duties === undefined || reason === "rollback") return null;
  return attempt.step("duties", async () => {
    const { ready, sentence } = await duties.decide({ environment, release, reason: "deploy", remedies: [] });
    return ready ? null : sentence;
  });
}
