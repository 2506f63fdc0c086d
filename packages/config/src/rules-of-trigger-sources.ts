import { Cron } from "croner";
import { validRange } from "semver";
import type { Path } from "./path.ts";
import type { Finding } from "./problems.ts";
import { valueFinding } from "./problems.ts";
import type { OnlyFrom, OnTag, Patterns, TriggerConfig } from "./project-config.ts";
import { timeZoneProblem } from "./time-zone.ts";

/** What is wrong with what a trigger listens to. */
export function sourceFindings(at: Path, { on }: TriggerConfig): readonly Finding[] {
  const findings: Finding[] = [];
  for (const key of ["push", "pullRequest"] as const) {
    const written = on[key];
    if (written === undefined || written === true) continue;
    const here: Path = [...at, "on", key];
    for (const [taken, ignored] of [
      ["branches", "branchesIgnore"],
      ["paths", "pathsIgnore"],
    ] as const) {
      if (written[taken] !== undefined && written[ignored] !== undefined)
        findings.push(
          valueFinding(
            [...here, ignored],
            "impossible",
            `${taken} and ${ignored} cannot both be given`,
            `write what is to be left out with ! in ${taken}`,
          ),
        );
      findings.push(
        ...patternFindings([...here, taken], written[taken], false),
        ...patternFindings([...here, ignored], written[ignored], true),
      );
    }
  }
  if (on.tag !== undefined) findings.push(...tagFindings([...at, "on", "tag"], on.tag));
  const schedules = on.schedule === undefined ? [] : [on.schedule].flat();
  schedules.forEach((schedule, index) => {
    const here: Path = [...at, "on", "schedule", ...(Array.isArray(on.schedule) ? [index] : [])];
    findings.push(...scheduleFindings(here, schedule));
  });
  return findings;
}

function patternFindings(at: Path, patterns: Patterns | undefined, ignores: boolean): readonly Finding[] {
  const all = patterns === undefined ? [] : [patterns].flat();
  const findings = all.flatMap((pattern, index) => {
    const here: Path = Array.isArray(patterns) ? [...at, index] : at;
    const [, short] = /^!?refs\/(?:heads|tags)\/(.+)$/u.exec(pattern) ?? [];
    if (short !== undefined)
      return [
        valueFinding(
          here,
          "impossible",
          `${pattern} fits nothing: names are compared without refs/heads/ and refs/tags/`,
          `write ${short}`,
        ),
      ];
    return ignores && pattern.startsWith("!")
      ? [
          valueFinding(
            here,
            "impossible",
            "! takes out of what was taken in, and here all is left out",
            "write it without !",
          ),
        ]
      : [];
  });
  if (!ignores && all.length > 0 && all.every((pattern) => pattern.startsWith("!")))
    findings.push(
      valueFinding(at, "impossible", "nothing fits: every pattern takes out, and none takes in", 'begin with "**"'),
    );
  return findings;
}

function tagFindings(at: Path, tag: OnTag | NonNullable<OnlyFrom["tags"]>): readonly Finding[] {
  if (typeof tag === "string" || Array.isArray(tag)) return patternFindings(at, tag as Patterns, false);
  const { names, semver } = tag as { readonly names?: Patterns; readonly semver?: string };
  const findings = [...patternFindings([...at, "names"], names, false)];
  if (semver !== undefined && (semver.trim() === "" || validRange(semver) === null))
    findings.push(
      valueFinding(
        [...at, "semver"],
        "wrong_value",
        `"${semver}" is no range of versions`,
        "write it as npm does: >=1.0.0, ^2.1 or 1.x",
      ),
    );
  if (names === undefined && semver === undefined && !("branch" in tag))
    findings.push(valueFinding(at, "missing", "it says nothing of which tags", "give names or semver"));
  return findings;
}

function scheduleFindings(
  at: Path,
  { cron, timezone }: { readonly cron: string; readonly timezone?: string | undefined },
): readonly Finding[] {
  const zoneProblem = timezone === undefined ? null : timeZoneProblem(timezone);
  if (zoneProblem !== null)
    return [valueFinding([...at, "timezone"], "wrong_value", zoneProblem.message, zoneProblem.fix)];
  const problem = cronProblem(cron, timezone ?? "UTC");
  return problem === null
    ? []
    : [valueFinding([...at, "cron"], "wrong_value", problem, "minute hour day month weekday, such as 0 2 * * *")];
}

function cronProblem(cron: string, timezone: string): string | null {
  try {
    const next = new Cron(cron, { mode: "5-part", timezone }).nextRun();
    return next === null ? `"${cron}" never comes: there is no such day` : null;
  } catch (thrown) {
    return `"${cron}" is no time as cron has it (${thrown instanceof Error ? thrown.message.replace(/^CronPattern: /u, "") : String(thrown)})`;
  }
}

/** What is wrong with where an environment takes commits from. */
export function onlyFromFindings(at: Path, onlyFrom: OnlyFrom): readonly Finding[] {
  if (onlyFrom.tags === undefined && onlyFrom.branch === undefined)
    return [valueFinding(at, "missing", "it says nothing of where commits must come from", "give tags or branch")];
  return onlyFrom.tags === undefined ? [] : tagFindings([...at, "tags"], onlyFrom.tags);
}
