import type { NoticeChannel, NoticeKind, NoticePlace } from "@fairway/core";
import type { Ledger } from "./ledger.ts";
import type { NoticeChannelConfig } from "./project-config.ts";

const placeKeys = [
  "slack",
  "webhook",
  "email",
  "pagerduty",
  "datadog",
  "alertmanager",
  "deadMansSwitch",
  "jira",
] as const;

/** The places that a channel was given. */
export const placesOf = (written: NoticeChannelConfig): readonly (typeof placeKeys)[number][] =>
  placeKeys.filter((key) => written[key] !== undefined);

const forPeople: readonly NoticeKind[] = [
  "release.failed",
  "deployment.failed",
  "run.attention",
  "alert.raised",
  "alert.resolved",
  "notices.tested",
];
const forReaders: readonly NoticeKind[] = [
  ...forPeople,
  "approval.asked",
  "deployment.began",
  "deployment.succeeded",
  "deployment.paused",
  "deployment.resumed",
  "deployment.dropped",
  "rollback.succeeded",
  "quarantine.set",
  "drift.found",
  "duty.due",
  "duty.overdue",
];

/** Nothing where there are none, so that such a project is the same as before there were notices. */
export function resolveNotices(
  written: Readonly<Record<string, NoticeChannelConfig>> | undefined,
  ledger: Ledger,
): readonly NoticeChannel[] | undefined {
  const all = Object.entries(written ?? {}).flatMap(([name, channel]) => {
    const place = placeOf(channel);
    if (place === null) return [];
    const at = ["notices", name];
    const about = place.kind === "dead-mans-switch" ? [] : ledger.own([...at, "about"], channel.about, usualOf(place));
    const environments = ledger.own([...at, "environments"], channel.environments, null);
    return [{ name, place, about, environments, allowPrivate: channel.allowPrivate ?? [] }];
  });
  return all.length === 0 ? undefined : all;
}

/** What ends by itself once all is well has to hear of that too. */
function usualOf({ kind }: NoticePlace): readonly NoticeKind[] {
  if (kind === "pagerduty" || kind === "alertmanager")
    return [...forPeople, "deployment.succeeded", "rollback.succeeded"];
  return kind === "jira" ? forPeople : forReaders;
}

function placeOf({
  slack,
  webhook,
  email,
  pagerduty,
  datadog,
  alertmanager,
  deadMansSwitch,
  jira,
}: NoticeChannelConfig): NoticePlace | null {
  if (slack !== undefined)
    return "webhook" in slack
      ? { kind: "slack-webhook", url: slack.webhook }
      : {
          kind: "slack",
          token: slack.token,
          channel: slack.channel,
          api: slack.api ?? "https://slack.com/api",
          ...(slack.links === true ? { links: true } : {}),
        };
  if (webhook !== undefined) return { kind: "webhook", url: webhook.url, secret: webhook.secret };
  if (email !== undefined)
    return { kind: "email", ...email, username: email.username ?? null, password: email.password ?? null };
  if (pagerduty !== undefined)
    return {
      kind: "pagerduty",
      routingKey: pagerduty.routingKey,
      api: pagerduty.api ?? "https://events.pagerduty.com",
    };
  if (datadog !== undefined)
    return { kind: "datadog", apiKey: datadog.apiKey, api: datadog.api ?? "https://api.datadoghq.com" };
  if (alertmanager !== undefined)
    return {
      kind: "alertmanager",
      url: alertmanager.url,
      user: alertmanager.user ?? null,
      password: alertmanager.password ?? null,
    };
  if (deadMansSwitch !== undefined) return { kind: "dead-mans-switch", url: deadMansSwitch.url };
  return jira === undefined ? null : { kind: "jira", ...jira, issueType: jira.issueType ?? "Task" };
}
