import type { FreezeOverride, RunId } from "@fairway/core";
import { FairwayError, isOverridden, isTerminal, overridesNeeded } from "@fairway/core";
import { whoActs } from "../audit/acting.ts";
import { advance } from "../runs/advance.ts";
import { recordChange } from "../store/audit.ts";
import { deploymentSubject } from "../store/deployment-ends.ts";
import { freezeOverrides, recordOverride } from "../store/freeze-overrides.ts";
import { holdJobs } from "../store/jobs.ts";
import { holdRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";

/** A person's word that a deployment goes through the freeze that holds it. */
export interface OverrideWish {
  readonly by: string;
  readonly because: string;
}

/**
 * Puts on record that somebody wants a deployment to go through a freeze; it goes when enough different people do. May be
 * repeated. Throws `not_allowed_now` for a run that no freeze can hold, or without a reason.
 */
export async function overrideFreeze(
  store: Store,
  id: RunId,
  { by, because }: OverrideWish,
): Promise<{ readonly given: readonly FreezeOverride[]; readonly overridden: boolean }> {
  if (because.trim() === "") throw new FairwayError("bad_request", "say why the freeze is to be gone through");
  return store.transaction(async (tx) => {
    const run = await holdRun(tx, id);
    const subject = deploymentSubject(run);
    const lock = (await holdJobs(tx, id)).find(({ stage }) => stage === "lock");
    if (subject === null || lock === undefined || isTerminal(run.state) || isTerminal(lock.state))
      throw new FairwayError("not_allowed_now", `${id} waits for no environment, so no freeze holds it`, {
        hint: "see what it does: fairway run show " + id,
      });
    const actor = whoActs();
    const person = actor.kind === "system" || actor.id === "local" ? `name ${by}` : (actor.owner?.id ?? actor.id);
    if (await recordOverride(tx, id, { person, by, because }))
      recordChange(tx, "freeze.overridden", { subject: id, environment: subject.environment, detail: { by, because } });
    const given = await freezeOverrides(tx, id);
    await advance(tx, id);
    return { given, overridden: isOverridden(given) };
  });
}

/** How many more people must want it, for those who are told. */
export const overridesMissing = (given: readonly FreezeOverride[]): number =>
  Math.max(0, overridesNeeded - new Set(given.map(({ person }) => person)).size);
