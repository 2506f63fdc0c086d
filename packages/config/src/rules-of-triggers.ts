import { typedInput } from "@fairway/core";
import { Cron } from "croner";
import { validRange } from "semver";
import type { Path } from "./path.ts";
import type { Finding } from "./problems.ts";
import { didYouMean } from "./problems.ts";
import type { ForgeConfig, InfrastructureConfig, OnTag, OnlyFrom, Patterns, TriggerConfig } from "./project-config.ts";
import type { RuleFacts } from "./rules.ts";
import { timeZoneProblem } from "./time-zone.ts";

/** A trigger starts exactly one thing that is there, at times that exist, by patterns that let something through. */
export function triggerRules({ config, names, incomplete, kindOf }: RuleFacts): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [name, trigger] of Object.entries(config.triggers ?? {})) {
    const at: Path = ["triggers", name];
    findings.push(
      ...actionFindings(at, trigger, incomplete),
      ...sourceFindings(at, trigger),
      ...inputFindings(at, trigger, names.environments),
      ...environmentFindings(at, trigger, names.environments),
      ...planFindings(at, trigger, config.infrastructure),
    );
    const file = trigger.workflow;
    if (file !== undefined && kindOf(file) !== "file")
      findings.push(value([...at, "workflow"], "path", `the repository has no file ${file}`));
  }
  for (const [name, { onlyFrom }] of Object.entries(config.environments ?? {}))
    if (onlyFrom !== undefined) findings.push(...onlyFromFindings(["environments", name, "onlyFrom"], onlyFrom));
  return [...findings, ...forgeFindings(config.forge)];
}

const value = (path: Path, code: Finding["code"], message: string, fix?: string): Finding => ({
  path,
  part: "value",
  code,
  message,
  fix,
});

function actionFindings(at: Path, trigger: TriggerConfig, incomplete: boolean): readonly Finding[] {
  const findings: Finding[] = [];
  const given = (["release", "deploy", "verify", "plan", "workflow"] as const).filter(
    (key) => trigger[key] !== undefined,
  );
  const [first, second] = given;
  if (first === undefined && !incomplete)
    findings.push({
      path: at,
      part: "key",
      code: "missing",
      message: "a trigger starts something, and this one says nothing of what",
      fix: "give one of release: true, deploy: ENVIRONMENT, verify: ENVIRONMENT, plan: ENVIRONMENT and workflow: FILE",
    });
  if (second !== undefined)
    findings.push(
      value(
        [...at, second],
        "impossible",
        `a trigger starts one thing, and this one has ${given.join(" and ")}`,
        "make a second trigger",
      ),
    );
  if (trigger.release === false)
    findings.push(
      value([...at, "release"], "impossible", "false starts nothing", "take the trigger out, or write true"),
    );
  for (const key of ["job", "environment", "with"] as const)
    if (trigger[key] !== undefined && trigger.workflow === undefined && !incomplete)
      findings.push(
        value(
          [...at, key],
          "impossible",
          `${key} is for a workflow, and this trigger starts none`,
          key === "environment" ? "write deploy: instead" : "take it out",
        ),
      );
  if (Object.keys(trigger.on).length === 0 && !incomplete)
    findings.push(
      value([...at, "on"], "missing", "it listens to nothing", "give push, tag, pullRequest, schedule, manual or api"),
    );
  if (trigger.on.pullRequest !== undefined && trigger.workflow === undefined && trigger.deploy !== undefined)
    findings.push(
      value(
        [...at, "deploy"],
        "impossible",
        "a pull request is nobody's release yet, and may be a stranger's",
        "start a workflow, or make a release with: release: { deploy: false }",
      ),
    );
  return findings;
}

/** What is planned is there: a stack in the environment. One that there is no environment of is told elsewhere. */
function planFindings(
  at: Path,
  { plan }: TriggerConfig,
  stacks: Readonly<Record<string, InfrastructureConfig>> = {},
): readonly Finding[] {
  const isThere = Object.values(stacks).some(
    ({ environments }) => environments === undefined || (plan !== undefined && Object.hasOwn(environments, plan)),
  );
  if (plan === undefined || isThere) return [];
  return [
    value(
      [...at, "plan"],
      "impossible",
      `${plan} has no infrastructure to plan`,
      "name a folder of Terraform or OpenTofu code under infrastructure",
    ),
  ];
}

function sourceFindings(at: Path, { on }: TriggerConfig): readonly Finding[] {
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
          value(
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
        value(
          here,
          "impossible",
          `${pattern} fits nothing: names are compared without refs/heads/ and refs/tags/`,
          `write ${short}`,
        ),
      ];
    return ignores && pattern.startsWith("!")
      ? [value(here, "impossible", "! takes out of what was taken in, and here all is left out", "write it without !")]
      : [];
  });
  if (!ignores && all.length > 0 && all.every((pattern) => pattern.startsWith("!")))
    findings.push(
      value(at, "impossible", "nothing fits: every pattern takes out, and none takes in", 'begin with "**"'),
    );
  return findings;
}

function tagFindings(at: Path, tag: OnTag | NonNullable<OnlyFrom["tags"]>): readonly Finding[] {
  if (typeof tag === "string" || Array.isArray(tag)) return patternFindings(at, tag as Patterns, false);
  const { names, semver } = tag as { readonly names?: Patterns; readonly semver?: string };
  const findings = [...patternFindings([...at, "names"], names, false)];
  if (semver !== undefined && (semver.trim() === "" || validRange(semver) === null))
    findings.push(
      value(
        [...at, "semver"],
        "wrong_value",
        `"${semver}" is no range of versions`,
        "write it as npm does: >=1.0.0, ^2.1 or 1.x",
      ),
    );
  if (names === undefined && semver === undefined && !("branch" in tag))
    findings.push(value(at, "missing", "it says nothing of which tags", "give names or semver"));
  return findings;
}

function scheduleFindings(
  at: Path,
  { cron, timezone }: { readonly cron: string; readonly timezone?: string | undefined },
): readonly Finding[] {
  const zoneProblem = timezone === undefined ? null : timeZoneProblem(timezone);
  if (zoneProblem !== null) return [value([...at, "timezone"], "wrong_value", zoneProblem.message, zoneProblem.fix)];
  const problem = cronProblem(cron, timezone ?? "UTC");
  return problem === null
    ? []
    : [value([...at, "cron"], "wrong_value", problem, "minute hour day month weekday, such as 0 2 * * *")];
}

function cronProblem(cron: string, timezone: string): string | null {
  try {
    const next = new Cron(cron, { mode: "5-part", timezone }).nextRun();
    return next === null ? `"${cron}" never comes: there is no such day` : null;
  } catch (thrown) {
    return `"${cron}" is no time as cron has it (${thrown instanceof Error ? thrown.message.replace(/^CronPattern: /u, "") : String(thrown)})`;
  }
}

function inputFindings(
  at: Path,
  { inputs = {}, with: given = {}, on }: TriggerConfig,
  environments: readonly string[],
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [name, { type = "string", options, default: standard, required }] of Object.entries(inputs)) {
    const here: Path = [...at, "inputs", name];
    if (type === "choice" && options === undefined)
      findings.push({
        path: here,
        part: "key",
        code: "missing",
        message: "a choice needs options",
        fix: "list them: options: [a, b]",
      });
    if (type !== "choice" && options !== undefined)
      findings.push(
        value(
          [...here, "options"],
          "impossible",
          `options are for a choice, and this is a ${type}`,
          "write type: choice",
        ),
      );
    const reading = { type, options: options ?? [] };
    if (standard !== undefined && typedInput(reading, standard, environments) === undefined)
      findings.push(
        value([...here, "default"], "wrong_value", `${JSON.stringify(standard)} is not what a ${type} may be`),
      );
    const alone = on.push ?? on.tag ?? on.pullRequest ?? on.schedule;
    if (required && standard === undefined && alone !== undefined)
      findings.push(
        value(
          [...here, "required"],
          "impossible",
          "nobody is there to give it when this starts by itself",
          "give it a default",
        ),
      );
  }
  for (const [name, passed] of Object.entries(given))
    if (typeof passed === "object" && !Object.hasOwn(inputs, passed.input))
      findings.push(
        value(
          [...at, "with", name],
          "unknown_name",
          `the trigger has no input "${passed.input}"`,
          didYouMean(passed.input, Object.keys(inputs)),
        ),
      );
  return findings;
}

function environmentFindings(at: Path, trigger: TriggerConfig, environments: readonly string[]): readonly Finding[] {
  return (["deploy", "verify", "plan", "environment"] as const).flatMap((key) => {
    const named = trigger[key];
    return named === undefined || environments.includes(named)
      ? []
      : [value([...at, key], "unknown_name", `there is no environment "${named}"`, didYouMean(named, environments))];
  });
}

function onlyFromFindings(at: Path, onlyFrom: OnlyFrom): readonly Finding[] {
  if (onlyFrom.tags === undefined && onlyFrom.branch === undefined)
    return [value(at, "missing", "it says nothing of where commits must come from", "give tags or branch")];
  return onlyFrom.tags === undefined ? [] : tagFindings([...at, "tags"], onlyFrom.tags);
}

function forgeFindings(forge: ForgeConfig | undefined): readonly Finding[] {
  if (forge === undefined) return [];
  const { git, github } = forge;
  if (git !== undefined && github !== undefined)
    return [
      value(
        ["forge", "git"],
        "impossible",
        "a repository is kept in one place, and this names two",
        "keep one of git and github",
      ),
    ];
  if (git === undefined && github === undefined)
    return [value(["forge"], "missing", "it says nothing of where", "give git or github")];
  if (github === undefined) return [];
  if (github.app !== undefined && github.token !== undefined)
    return [value(["forge", "github", "token"], "impossible", "it is either an App or a token", "keep one of them")];
  if (github.app === undefined && github.token === undefined)
    return [
      {
        path: ["forge", "github"],
        part: "key",
        code: "missing",
        message: "it does not say who we are there",
        fix: "give token: { secret: NAME }, or app",
      },
    ];
  if (
    github.api !== undefined &&
    github.api.startsWith("http:") &&
    !/^http:\/\/(?:localhost|127\.|\[::1\])/u.test(github.api)
  )
    return [
      value(
        ["forge", "github", "api"],
        "impossible",
        "without TLS anybody on the way reads the token",
        "write https://",
      ),
    ];
  return github.formerWebhookSecret !== undefined && github.webhookSecret === undefined
    ? [value(["forge", "github", "formerWebhookSecret"], "impossible", "there is no new one yet", "give webhookSecret")]
    : [];
}
