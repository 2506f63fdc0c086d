import type { Notice, Notifier } from "@fairway/core";
import type { GuardedFetch } from "../outgoing/guarded-fetch.ts";
import { ask } from "./http-answer.ts";
import { atMost, plainText } from "./words.ts";

const severities: Readonly<Record<Notice["level"], string>> = {
  info: "info",
  success: "info",
  warning: "warning",
  error: "critical",
};

/**
 * PagerDuty's Events API v2. An environment has one incident, however much goes wrong there; it is resolved when a
 * deployment or a way back has come through.
 */
export const pagerdutyNotifier = (
  fetch: GuardedFetch,
  { routingKey, api }: { readonly routingKey: string; readonly api: string },
): Notifier => ({
  async notify(notice) {
    const isWell = notice.level === "success";
    const about = notice.environment === null ? notice.thread : `environment ${notice.environment}`;
    const body = {
      routing_key: routingKey,
      event_action: isWell ? "resolve" : "trigger",
      dedup_key: `fairway ${about}`,
      ...(isWell
        ? {}
        : {
            payload: {
              summary: atMost(notice.title, 1_000),
              source: notice.environment ?? "fairway",
              severity: severities[notice.level],
              timestamp: notice.at,
              component: notice.release ?? undefined,
              custom_details: { text: plainText(notice) },
            },
            links: notice.url === null ? [] : [{ href: notice.url, text: "Fairway" }],
          }),
    };
    const asked = await ask(fetch, {
      method: "POST",
      url: `${api.replace(/\/$/, "")}/v2/enqueue`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return asked.answered ? { told: true, reference: null } : asked.no;
  },
});
