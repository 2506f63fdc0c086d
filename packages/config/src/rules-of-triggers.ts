import { typedInput } from "@fairway/core";
import type { Path } from "./path.ts";
import type { Finding } from "./problems.ts";
import { didYouMean, valueFinding } from "./problems.ts";
import type { ForgeConfig, InfrastructureConfig, TriggerConfig } from "./project-config.ts";
import { onlyFromFindings, sourceFindings } from "./rules-of-trigger-sources.ts";
import type { RuleFacts } from "./rules.ts";

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
      findings.push(valueFinding([...at, "workflow"], "path", `the repository has no file ${file}`));
  }
  for (const [name, { onlyFrom }] of Object.entries(config.environments ?? {}))
    if (onlyFrom !== undefined) findings.push(...onlyFromFindings(["environments", name, "onlyFrom"], onlyFrom));
  return [...findings, ...forgeFindings(config.forge)];
}

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
      valueFinding(
        [...at, second],
        "impossible",
        `a trigger starts one thing, and this one has ${given.join(" and ")}`,
        "make a second trigger",
      ),
    );
  if (trigger.release === false)
    findings.push(
      valueFinding([...at, "release"], "impossible", "false starts nothing", "take the trigger out, or write true"),
    );
  for (const key of ["job", "environment", "with"] as const)
    if (trigger[key] !== undefined && trigger.workflow === undefined && !incomplete)
      findings.push(
        valueFinding(
          [...at, key],
          "impossible",
          `${key} is for a workflow, and this trigger starts none`,
          key === "environment" ? "write deploy: instead" : "take it out",
        ),
      );
  if (Object.keys(trigger.on).length === 0 && !incomplete)
    findings.push(
      valueFinding(
        [...at, "on"],
        "missing",
        "it listens to nothing",
        "give push, tag, pullRequest, schedule, manual or api",
      ),
    );
  if (trigger.on.pullRequest !== undefined && trigger.workflow === undefined && trigger.deploy !== undefined)
    findings.push(
      valueFinding(
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
    valueFinding(
      [...at, "plan"],
      "impossible",
      `${plan} has no infrastructure to plan`,
      "name a folder of Terraform or OpenTofu code under infrastructure",
    ),
  ];
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
        valueFinding(
          [...here, "options"],
          "impossible",
          `options are for a choice, and this is a ${type}`,
          "write type: choice",
        ),
      );
    const reading = { type, options: options ?? [] };
    if (standard !== undefined && typedInput(reading, standard, environments) === undefined)
      findings.push(
        valueFinding([...here, "default"], "wrong_value", `${JSON.stringify(standard)} is not what a ${type} may be`),
      );
    const alone = on.push ?? on.tag ?? on.pullRequest ?? on.schedule;
    if (required && standard === undefined && alone !== undefined)
      findings.push(
        valueFinding(
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
        valueFinding(
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
      : [
          valueFinding(
            [...at, key],
            "unknown_name",
            `there is no environment "${named}"`,
            didYouMean(named, environments),
          ),
        ];
  });
}

function forgeFindings(forge: ForgeConfig | undefined): readonly Finding[] {
  if (forge === undefined) return [];
  const { git, github } = forge;
  if (git !== undefined && github !== undefined)
    return [
      valueFinding(
        ["forge", "git"],
        "impossible",
        "a repository is kept in one place, and this names two",
        "keep one of git and github",
      ),
    ];
  if (git === undefined && github === undefined)
    return [valueFinding(["forge"], "missing", "it says nothing of where", "give git or github")];
  if (github === undefined) return [];
  if (github.app !== undefined && github.token !== undefined)
    return [
      valueFinding(["forge", "github", "token"], "impossible", "it is either an App or a token", "keep one of them"),
    ];
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
      valueFinding(
        ["forge", "github", "api"],
        "impossible",
        "without TLS anybody on the way reads the token",
        "write https://",
      ),
    ];
  return github.formerWebhookSecret !== undefined && github.webhookSecret === undefined
    ? [
        valueFinding(
          ["forge", "github", "formerWebhookSecret"],
          "impossible",
          "there is no new one yet",
          "give webhookSecret",
        ),
      ]
    : [];
}
