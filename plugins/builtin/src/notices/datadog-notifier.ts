import type { Notifier } from "@fairway/core";
import type { GuardedFetch } from "../outgoing/guarded-fetch.ts";
import { ask } from "./http-answer.ts";
import { atMost, plainText } from "./words.ts";

/** Datadog's events (API v1). All of one deployment are aggregated. */
export const datadogNotifier = (
  fetch: GuardedFetch,
  { apiKey, api }: { readonly apiKey: string; readonly api: string },
): Notifier => ({
  async notify(notice) {
    const { level, environment, release, run, kind } = notice;
    const asked = await ask(fetch, {
      method: "POST",
      url: `${api.replace(/\/$/, "")}/api/v1/events`,
      headers: { "content-type": "application/json", "dd-api-key": apiKey },
      body: JSON.stringify({
        title: atMost(notice.title, 500),
        text: atMost(plainText(notice), 3_900),
        date_happened: Math.floor(Date.parse(notice.at) / 1000),
        alert_type: level,
        aggregation_key: atMost(notice.thread, 100),
        source_type_name: "fairway",
        tags: [
          `kind:${kind}`,
          ...(environment === null ? [] : [`env:${environment}`]),
          ...(release === null ? [] : [`version:${release}`]),
          ...(run === null ? [] : [`run:${run}`]),
        ],
      }),
    });
    return asked.answered ? { told: true, reference: null } : asked.no;
  },
});
