import type { Notice, Notifier } from "@fairway/core";
import type { GuardedFetch } from "../outgoing/guarded-fetch.ts";
import { ask } from "./http-answer.ts";
import { atMost, plainText } from "./words.ts";

const severities = ["info", "warning", "critical"] as const;

const severityOf: Readonly<Record<Notice["level"], (typeof severities)[number]>> = {
  info: "info",
  success: "info",
  warning: "warning",
  error: "critical",
};

/** Nobody tells it again: without an end it would hold an alert for over after minutes. In milliseconds. */
const holds = 30 * 24 * 3_600_000;

/**
 * Prometheus Alertmanager (API v2). An environment has one alert of each severity, however much goes wrong there; all end when
 * a deployment or a way back has come through, or what was raised is over. It knows an alert by its labels, so telling one
 * twice is telling it once.
 */
export const alertmanagerNotifier = (
  fetch: GuardedFetch,
  { url, user, password }: { readonly url: string; readonly user: string | null; readonly password: string | null },
): Notifier => ({
  async notify(notice) {
    const { environment, level, title, thread, at, url: page } = notice;
    const alertOf = (severity: string): object => ({
      labels: {
        ...{ alertname: "Fairway", severity, about: environment === null ? thread : `environment ${environment}` },
        ...(environment === null ? {} : { environment }),
      },
      annotations: { summary: atMost(title, 1_000), description: atMost(plainText(notice), 4_000) },
      ...(page === null ? {} : { generatorURL: page }),
    });
    const body =
      level === "success"
        ? severities.map((severity) => ({ ...alertOf(severity), endsAt: at }))
        : [
            {
              ...alertOf(severityOf[level]),
              ...{ startsAt: at, endsAt: new Date(Date.parse(at) + holds).toISOString() },
            },
          ];
    const asked = await ask(fetch, {
      method: "POST",
      url: `${url.replace(/\/$/, "")}/api/v2/alerts`,
      headers: { "content-type": "application/json", ...authorization(user, password) },
      body: JSON.stringify(body),
    });
    return asked.answered ? { told: true, reference: null } : asked.no;
  },
});

function authorization(user: string | null, password: string | null): { readonly authorization?: string } {
  if (password === null) return {};
  if (user === null) return { authorization: `Bearer ${password}` };
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}
