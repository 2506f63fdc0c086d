import type { Facts, Millis, Percent, Progress, ReleaseId, Rollout, Target } from "@fairway/core";
import { FairwayError, plainFacts, rolloutId, scopeOf } from "@fairway/core";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import type { Begun, DeploymentInput } from "./deployment-run.ts";
import { beginJob } from "./deployment-run.ts";
import type { PlaceParts } from "./place-of.ts";
import { placeOf } from "./place-of.ts";
import { rollUntilDone } from "./roll-until-done.ts";

/** Moves one service to the release, by the strategy of the environment. */
export function rolloutStage(parts: PlaceParts): Stage {
  return {
    name: "rollout",
    async run(attempt: Attempt): Promise<Outcome> {
      const input = attempt.input as unknown as DeploymentInput;
      if (input.service === null) throw new FairwayError("internal", `${attempt.job} names no service`);
      const { target, rollout } = await rolloutOf(parts, attempt, input, input.service);
      const ended = await attempt.step("roll", async () =>
        asJson(await rollUntilDone(withShiftTimes(target, rollout), attempt.progress, attempt.signal)),
      );
      return outcomeOf(ended as unknown as Awaited<ReturnType<typeof rollUntilDone>>);
    },
  };
}

/**
 * Moves a rollout and remembers when the candidate's share last changed. It is remembered here only: a daemon that comes
 * back lets the step that it finds stand its whole time again, which is late but never too early.
 */
function withShiftTimes(target: Target, rollout: Rollout): () => Promise<Progress> {
  let shifted: { readonly weight: Percent | undefined; readonly at: Millis } | null = null;
  return async () => {
    const facts: Facts = {
      ...plainFacts,
      sinceShift: shifted === null ? 0 : performance.now() - shifted.at,
    };
    const progress = await target.advance(rollout, facts);
    if (progress.phase === "moving" && (shifted === null || shifted.weight !== progress.weight))
      shifted = { weight: progress.weight, at: performance.now() };
    return progress;
  };
}

const outcomeOf = (ended: Awaited<ReturnType<typeof rollUntilDone>>): Outcome =>
  ended.phase === "succeeded" ? { outcome: "succeeded", result: null } : { outcome: "failed", reason: ended.reason };

/**
 * The rollout that this attempt is to drive, with a token that fences whoever drove it before. The same for the way
 * there and the way back.
 */
export async function rolloutOf(
  parts: PlaceParts,
  attempt: Attempt,
  input: DeploymentInput,
  service: string,
): Promise<{ readonly target: Target; readonly rollout: Rollout }> {
  const { plan } = input;
  const planned = plan.rollouts.find((candidate) => candidate.service === service);
  if (!planned) throw new FairwayError("internal", `the plan has no rollout of "${service}"`);
  const release = await parts.releaseOf(plan.release);
  const from = await runningBefore(parts, attempt, service);
  return {
    target: parts.places.targetOf(placeOf(parts, release, plan.environment, service), attempt.signal),
    rollout: {
      id: rolloutId(attempt.run, service),
      environment: plan.environment,
      service,
      from,
      to: plan.release,
      desired: planned.replicas,
      strategy: planned.strategy,
      token: await attempt.token(scopeOf(plan.environment, service)),
    },
  };
}

/** The release that ran when the environment was taken, if it had this service. */
async function runningBefore(parts: PlaceParts, attempt: Attempt, service: string): Promise<ReleaseId | null> {
  const begun = attempt.results.get(beginJob) as unknown as Begun | undefined;
  if (!begun) throw new FairwayError("internal", `${attempt.job} runs before ${beginJob} has ended`);
  const from = begun.mixed?.[service] ?? begun.from;
  if (from === null) return null;
  const before = await parts.releaseOf(from as ReleaseId);
  return before.parts.some((part) => part.service === service) ? before.id : null;
}
