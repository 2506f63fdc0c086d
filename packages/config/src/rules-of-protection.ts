import { messageOf, roleNames } from "@fairway/core";
import { instantOf, recurrence } from "./freeze-times.ts";
import type { Path } from "./path.ts";
import type { Finding } from "./problems.ts";
import { didYouMean, valueFinding } from "./problems.ts";
import type { Freezes } from "./project-config.ts";
import type { RuleFacts } from "./rules.ts";
import { timeZoneProblem } from "./time-zone.ts";

/** Approvals can be given by somebody, and freezes happen at times that there are. */
export function protectionRules({ config }: RuleFacts): readonly Finding[] {
  return Object.entries(config.environments ?? {}).flatMap(([name, { approvals, freezes = [] }]) => {
    const at: Path = ["environments", name];
    const roles = typeof approvals === "object" ? (approvals.from?.roles ?? []) : [];
    return [
      ...roles.flatMap((role, index) => roleFindings([...at, "approvals", "from", "roles", index], role)),
      ...freezes.flatMap((freeze, index) => freezeFindings([...at, "freezes", index], freeze)),
    ];
  });
}

const roleFindings = (at: Path, role: string): readonly Finding[] =>
  (roleNames as readonly string[]).includes(role)
    ? []
    : [
        valueFinding(
          at,
          "unknown_name",
          `there is no role "${role}"; there are ${roleNames.join(", ")}`,
          didYouMean(role, roleNames),
        ),
      ];

function freezeFindings(at: Path, freeze: Freezes[number]): readonly Finding[] {
  const timeZone = freeze.timezone ?? "UTC";
  const zone = timeZoneProblem(timeZone);
  if (zone !== null) return [valueFinding([...at, "timezone"], "unknown_name", zone.message, zone.fix)];
  if ("from" in freeze) {
    const times = (["from", "to"] as const).flatMap((key) => timeFindings([...at, key], freeze[key], timeZone));
    if (times.length > 0) return times;
    return instantOf(freeze.from, timeZone) < instantOf(freeze.to, timeZone)
      ? []
      : [
          valueFinding(
            [...at, "to"],
            "impossible",
            "this freeze is over before it begins",
            "let `to` be later than `from`",
          ),
        ];
  }
  const start = timeFindings([...at, "starts"], freeze.starts, timeZone);
  return start.length > 0 ? start : ruleFindings(at, { ...freeze, timeZone });
}

function timeFindings(at: Path, written: string, timeZone: string): readonly Finding[] {
  const fix = "write a day, 2026-12-22, or a day and a time, 2026-12-22T17:00, and the zone in `timezone`";
  if (/(z|[+-]\d\d:?\d\d)$/iu.test(written.slice(10)))
    return [valueFinding(at, "wrong_value", `"${written}" brings a zone of its own`, fix)];
  try {
    instantOf(written, timeZone);
    return [];
  } catch {
    return [valueFinding(at, "wrong_value", `"${written}" is no time that a calendar and a clock can show`, fix)];
  }
}

function ruleFindings(
  at: Path,
  rule: { readonly repeats: string; readonly starts: string; readonly timeZone: string },
): readonly Finding[] {
  const fix = "write a rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=FR or FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24";
  if (/dtstart|\n/iu.test(rule.repeats))
    return [
      valueFinding(
        [...at, "repeats"],
        "wrong_value",
        "the first time stands in `starts`, and one line is the rule",
        fix,
      ),
    ];
  try {
    const first = recurrence(rule).next(new Date(0), true);
    if (first !== null) return [];
    return [valueFinding([...at, "repeats"], "impossible", "this never happens", fix)];
  } catch (thrown) {
    return [
      valueFinding(
        [...at, "repeats"],
        "wrong_value",
        `this is no recurrence rule that ever happens: ${messageOf(thrown)}`,
        fix,
      ),
    ];
  }
}
