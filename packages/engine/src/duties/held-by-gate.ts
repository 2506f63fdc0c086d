import type { DeploymentPlan } from "@fairway/core";
import type { Attempt } from "../runs/stage.ts";
import type { DutyControl } from "./duty-control.ts";
import type { GateAsked } from "./decision-at.ts";

/**
 * Why the duties of an environment keep a release out, for whoever asks for a deployment: a sentence, or none.
 */
export async function heldByGate(
  duties: Pick<DutyControl, "readiness">,
  asked: Pick<GateAsked, "release" | "environment" | "remedies">,
): Promise<readonly string[]> {
  const { ready, sentence } = await duties.readiness({ ...asked, reason: "deploy" });
  return ready ? [] : [sentence];
}

/** The same before an effect, put on record; null when it goes on. A way back is not asked. */
export async function keptOut(
  duties: Pick<DutyControl, "decide"> | undefined,
  attempt: Pick<Attempt, "step" | "run">,
  {
    environment,
    release,
    reason,
    remedies = [],
  }: Pick<DeploymentPlan, "environment" | "release" | "reason" | "remedies">,
): Promise<string | null> {
  if (duties === undefined || reason === "rollback") return null;
  return attempt.step("duties", async () => {
    const { ready, sentence } = await duties.decide({
      environment,
      release,
      reason: "deploy",
      remedies,
      run: attempt.run,
    });
    return ready ? null : sentence;
  });
}
