import type { ReleaseId, Rollout } from "@fairway/core";
import { FairwayError, defaultRolling, rolloutId, scopeOf } from "@fairway/core";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import type { Begun, DeploymentInput } from "./deployment-run.ts";
import { beginJob } from "./deployment-run.ts";
import { targetOfService } from "./masked-target.ts";
import type { PlaceParts } from "./place-of.ts";
import { rollUntilDone } from "./roll-until-done.ts";

/** Ends the services that the release no longer has, once everything else runs it. */
export function retireStage(parts: PlaceParts): Stage {
  return {
    name: "retire",
    async run(attempt: Attempt): Promise<Outcome> {
      const { plan } = attempt.input as unknown as DeploymentInput;
      const begun = attempt.results.get(beginJob) as unknown as Begun | undefined;
      // Tried again after everything else was done, it begins from the release itself, which has not what is to be ended.
      const from = begun?.from === plan.release ? plan.from : begun?.from;
      if (!from) throw new FairwayError("internal", "there is nothing to retire where nothing ran before");
      const before = await parts.releaseOf(from as ReleaseId);
      for (const service of plan.retired) {
        const target = targetOfService(parts, before, plan.environment, service);
        const rollout: Rollout = {
          id: rolloutId(attempt.run, service),
          environment: plan.environment,
          service,
          // Nothing is to come after it, so going back to nothing is what ends it.
          from: null,
          to: before.id,
          desired: 0,
          strategy: defaultRolling,
          token: await attempt.token(scopeOf(plan.environment, service)),
        };
        attempt.progress(`ending ${service}`);
        await attempt.step(`end ${service}`, async () =>
          asJson(await rollUntilDone(() => target.abort(rollout), attempt.progress, attempt.signal)),
        );
      }
      return { outcome: "succeeded", result: null };
    },
  };
}
