import type { Notice, Notifier } from "@fairway/core";
import { messageOf } from "@fairway/core";
import type { GuardedFetch } from "../outgoing/guarded-fetch.ts";
import { ask, refused } from "./http-answer.ts";

/**
 * Any address, called as Standard Webhooks 1.0 has it: the id stays the same however often it is sent, so that whoever
 * hears it twice knows, and the signature is over id, time and body. 410 says that nobody wants to be called any more.
 */
export const webhookNotifier = (
  fetch: GuardedFetch,
  { url, secret }: { readonly url: string; readonly secret: string },
): Notifier => ({
  async notify(notice) {
    const body = JSON.stringify({ type: notice.kind, timestamp: notice.at, data: dataOf(notice) });
    const at = new Date();
    const { Webhook } = await import("standardwebhooks");
    let signature: string;
    try {
      signature = new Webhook(secret).sign(notice.id, at, body);
    } catch (thrown) {
      return refused(`its secret cannot sign: ${messageOf(thrown)}`, false);
    }
    const asked = await ask(fetch, {
      method: "POST",
      url,
      headers: {
        "content-type": "application/json",
        "webhook-id": notice.id,
        "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
        "webhook-signature": signature,
      },
      body,
    });
    return asked.answered ? { told: true, reference: null } : asked.no;
  },
});

const dataOf = ({ level, title, text, environment, run, release, url, facts }: Notice): object => ({
  level,
  title,
  text,
  environment,
  run,
  release,
  url,
  facts: Object.fromEntries(facts.map(({ name, value }) => [name, value])),
});
