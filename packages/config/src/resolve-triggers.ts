import type {
  PatternFilter,
  SourceRule,
  TagRule,
  Trigger,
  TriggerAction,
  TriggerInput,
  TriggerSource,
} from "@fairway/core";
import type { Ledger } from "./ledger.ts";
import type { OnPush, OnTag, OnlyFrom, Patterns, TriggerConfig } from "./project-config.ts";

/** The main branch where nothing says otherwise: a tag's commit must be on it. */
const usualBranch = "main";
const usualTypes = ["opened", "synchronize", "reopened"] as const;

/** Nothing where there are none, so that such a project is the same as before there were triggers. */
export function resolveTriggers(
  written: Readonly<Record<string, TriggerConfig>> | undefined,
  ledger: Ledger,
): readonly Trigger[] | undefined {
  const all = Object.entries(written ?? {});
  if (all.length === 0) return undefined;
  return all.map(([name, trigger]) => resolveTrigger(name, trigger, ledger));
}

function resolveTrigger(name: string, written: TriggerConfig, ledger: Ledger): Trigger {
  const at = ["triggers", name];
  ledger.own([...at, "on"], written.on, written.on);
  const starts = actionOf(written);
  ledger.own(
    [...at, starts.kind],
    "environment" in starts && starts.kind !== "workflow" ? starts.environment : true,
    null,
  );
  return { name, on: sourcesOf(written), inputs: inputsOf(written.inputs ?? {}), starts };
}

function sourcesOf({ on }: TriggerConfig): readonly TriggerSource[] {
  const { push, tag, pullRequest, schedule, manual, api } = on;
  const found: TriggerSource[] = [];
  if (push !== undefined) found.push({ kind: "push", ...filtersOf(push) });
  if (tag !== undefined) {
    const branch = typeof tag === "object" && "branch" in tag ? tag.branch : undefined;
    found.push({ kind: "tag", tags: tagRuleOf(tag), branch: branch === undefined ? usualBranch : branch });
  }
  if (pullRequest !== undefined)
    found.push({
      kind: "pull-request",
      ...filtersOf(pullRequest),
      types: (pullRequest === true ? undefined : pullRequest.types) ?? usualTypes,
    });
  for (const { cron, timezone, catchUp } of schedule === undefined ? [] : [schedule].flat())
    found.push({ kind: "schedule", cron, timezone: timezone ?? "UTC", catchUp: catchUp ?? true });
  if (manual) found.push({ kind: "manual" });
  if (api) found.push({ kind: "api" });
  return found;
}

function filtersOf(written: OnPush): { readonly branches: PatternFilter | null; readonly paths: PatternFilter | null } {
  const { branches, branchesIgnore, paths, pathsIgnore } = written === true ? {} : written;
  return { branches: filterOf(branches, branchesIgnore), paths: filterOf(paths, pathsIgnore) };
}

const filterOf = (taken: Patterns | undefined, ignored: Patterns | undefined): PatternFilter | null =>
  taken !== undefined
    ? { ignore: false, patterns: [taken].flat() }
    : ignored !== undefined
      ? { ignore: true, patterns: [ignored].flat() }
      : null;

/** Patterns alone, or patterns and a range of versions. */
function tagRuleOf(written: Exclude<OnTag, never> | NonNullable<OnlyFrom["tags"]>): TagRule {
  if (typeof written === "string" || Array.isArray(written))
    return { names: filterOf(written as Patterns, undefined), semver: null };
  const { names, semver } = written as { readonly names?: Patterns; readonly semver?: string };
  return { names: filterOf(names, undefined), semver: semver ?? null };
}

function actionOf({
  release,
  deploy,
  verify,
  plan,
  workflow,
  job,
  environment,
  with: given,
}: TriggerConfig): TriggerAction {
  if (deploy !== undefined) return { kind: "deploy", environment: deploy };
  if (verify !== undefined) return { kind: "verify", environment: verify };
  if (plan !== undefined) return { kind: "plan", environment: plan };
  if (workflow !== undefined)
    return {
      kind: "workflow",
      file: workflow.replace(/^\.\//u, ""),
      job: job ?? null,
      environment: environment ?? null,
      inputs: given ?? {},
    };
  return { kind: "release", deploy: typeof release === "object" ? release.deploy : true };
}

const inputsOf = (written: NonNullable<TriggerConfig["inputs"]>): readonly TriggerInput[] =>
  Object.entries(written).map(([name, { type, description, required, default: standard, options }]) => ({
    name,
    type: type ?? "string",
    description: description ?? null,
    required: required ?? false,
    default: standard ?? null,
    options: options ?? [],
  }));

/** Where commits must come from that go to an environment; nothing where any may. */
export const resolveOnlyFrom = (written: OnlyFrom | undefined): SourceRule | undefined =>
  written === undefined
    ? undefined
    : { tags: written.tags === undefined ? null : tagRuleOf(written.tags), branch: written.branch ?? null };
