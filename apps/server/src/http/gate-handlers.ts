import type { RunId } from "@fairway/core";
import type { Store } from "@fairway/engine";
import { overrideFreeze, overridesMissing } from "@fairway/engine";
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
