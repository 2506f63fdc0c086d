import type { Notifier } from "@fairway/core";
import type { GuardedFetch } from "../outgoing/guarded-fetch.ts";
import { ask } from "./http-answer.ts";

/** An address outside that misses us once we stop calling it. Whatever it is told, it is that we are there. */
export const deadMansSwitch = (fetch: GuardedFetch, { url }: { readonly url: string }): Notifier => ({
  async notify() {
    const asked = await ask(fetch, { method: "GET", url });
    return asked.answered ? { told: true, reference: null } : asked.no;
  },
});
