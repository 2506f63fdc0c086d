import type { NoticeChannel, Notifier } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { guardedFetch } from "../outgoing/guarded-fetch.ts";
import { alertmanagerNotifier } from "./alertmanager-notifier.ts";
import { datadogNotifier } from "./datadog-notifier.ts";
import { deadMansSwitch } from "./dead-mans-switch.ts";
import { emailNotifier } from "./email-notifier.ts";
import { jiraNotifier } from "./jira-notifier.ts";
import { pagerdutyNotifier } from "./pagerduty-notifier.ts";
import { slackNotifier, slackWebhookNotifier } from "./slack-notifier.ts";
import { webhookNotifier } from "./webhook-notifier.ts";

/** A place that notices go to, and what is to be done when nobody needs it any more. */
export interface OpenNotifier extends Notifier {
  close(): Promise<void>;
}

/**
 * Opens the place of a channel, with the values of its secrets. Throws `secret_missing`. `allowPrivate` is what the operator
 * lets in of private ranges, addresses and hosts.
 */
export function openNotifier(
  { name, place, allowPrivate: expected }: NoticeChannel,
  secrets: Readonly<Record<string, string>>,
  allowPrivate: readonly string[] = [],
): OpenNotifier {
  const valueOf = ({ secret }: { readonly secret: string }): string => {
    const value = secrets[secret];
    if (value !== undefined && value !== "") return value;
    throw new FairwayError("secret_missing", `the channel ${name} needs the secret ${secret}, which has no value`, {
      hint: `give it one: fairway secrets set ${secret}`,
    });
  };
  const fetch = guardedFetch({ allowPrivate, expected });
  const opened = (): Notifier => {
    switch (place.kind) {
      case "slack-webhook":
        return slackWebhookNotifier(fetch, valueOf(place.url));
      case "slack":
        return slackNotifier(fetch, { ...place, token: valueOf(place.token) });
      case "webhook":
        return webhookNotifier(fetch, { url: place.url, secret: valueOf(place.secret) });
      case "email":
        return emailNotifier({ ...place, password: place.password && valueOf(place.password) });
      case "pagerduty":
        return pagerdutyNotifier(fetch, { ...place, routingKey: valueOf(place.routingKey) });
      case "datadog":
        return datadogNotifier(fetch, { ...place, apiKey: valueOf(place.apiKey) });
      case "alertmanager":
        return alertmanagerNotifier(fetch, { ...place, password: place.password && valueOf(place.password) });
      case "dead-mans-switch":
        return deadMansSwitch(fetch, { url: valueOf(place.url) });
      case "jira":
        return jiraNotifier(fetch, { ...place, token: valueOf(place.token) });
    }
  };
  return { ...opened(), close: () => fetch.close() };
}
