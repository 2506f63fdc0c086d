import type { RunId } from "@fairway/core";
import { codeOf, FairwayError, messageOf } from "@fairway/core";
import type { Control, Store } from "@fairway/engine";
import { differencesFromNow, overrideFreeze, overridesMissing, plannedDeployment } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";

/** What people do about that which holds a deployment. */
export const gateHandlers = (store: Store): Pick<Handlers, "overrideFreeze"> => ({
  overrideFreeze: async ({ run, by, reason }) => {
    const { given } = await overrideFreeze(store, run as RunId, { by, because: reason });
    return {
      given: given.map(({ by: who, because, at }) => ({ by: who, because, at })),
      missing: overridesMissing(given),
    };
  },
});

/** An answer to something else than what is asked is refused with every field in which it differs from what would happen now. */
export async function tellingDifferences<Result>(
  parts: { readonly store: Store; readonly control: Pick<Control, "plane"> },
  run: RunId,
  answer: () => Promise<Result>,
): Promise<Result> {
  try {
    return await answer();
  } catch (thrown) {
    if (codeOf(thrown) !== "stale_approval") throw thrown;
    const { hint } = thrown as FairwayError;
    const plan = await plannedDeployment(parts.store, run);
    const problems = plan === null ? [] : await differencesFromNow(parts.control.plane, plan);
    throw new FairwayError("stale_approval", messageOf(thrown), { hint, problems, cause: thrown });
  }
}
