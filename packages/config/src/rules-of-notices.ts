import type { Path } from "./path.ts";
import type { Finding } from "./problems.ts";
import { didYouMean } from "./problems.ts";
import { placesOf } from "./resolve-notices.ts";
import type { RuleFacts } from "./rules.ts";

/** A channel is one place, and hears of environments that there are. */
export function noticeRules({ config, names, incomplete }: RuleFacts): readonly Finding[] {
  return Object.entries(config.notices ?? {}).flatMap(([name, channel]) => {
    const at: Path = ["notices", name];
    const places = placesOf(channel);
    const findings: Finding[] = [];
    if (places.length === 0 && !incomplete)
      findings.push({
        path: at,
        part: "key",
        code: "missing",
        message: "a channel is a place, and this one says nothing of which",
        fix: "give one of slack, webhook, email, pagerduty, datadog, alertmanager, deadMansSwitch and jira",
      });
    const [, second] = places;
    if (second !== undefined)
      findings.push({
        path: [...at, second],
        part: "value",
        code: "impossible",
        message: `a channel is one place, and this one has ${places.join(" and ")}`,
        fix: "make a second channel",
      });
    if (channel.alertmanager?.user !== undefined && channel.alertmanager.password === undefined)
      findings.push({
        path: [...at, "alertmanager", "user"],
        part: "value",
        code: "missing",
        message: "a user without a password is nobody",
        fix: "name the secret with the password: password: { secret: NAME }",
      });
    for (const key of ["about", "environments"] as const)
      if (channel.deadMansSwitch !== undefined && channel[key] !== undefined)
        findings.push({
          path: [...at, key],
          part: "key",
          code: "impossible",
          message: "a dead man's switch hears of nothing but that Fairway is there",
          fix: "take it away",
        });
    for (const [index, environment] of (channel.environments ?? []).entries())
      if (!names.environments.includes(environment))
        findings.push({
          path: [...at, "environments", index],
          part: "value",
          code: "unknown_name",
          message: `there is no environment "${environment}"`,
          fix: didYouMean(environment, names.environments),
        });
    return findings;
  });
}
