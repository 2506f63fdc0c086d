import { runDockerAction } from "../containers/docker-action.ts";
import type { CompositeAction } from "../model/action.ts";
import type { JsonObject } from "../model/json.ts";
import type { UsesStep } from "../model/step.ts";
import { runBuiltIn } from "./built-in-step.ts";
import { Evaluation } from "./evaluation.ts";
import { runNodeAction } from "./node-action.ts";
import { type ActionFinder, deepestAction, type FoundAction, type ResolvedAction } from "./resolve-action.ts";
import { type Draft, mainPlace, type RunningJob } from "./running-job.ts";
import { environmentLines } from "./script-step.ts";
import type { StepEffects } from "./step-effects.ts";
import { reportIssue } from "./step-issue.ts";
import type { StepContext } from "./step-record.ts";
import {
  type CarryOutStep,
  type PlacedStep,
  type StepScope,
  type StepTurn,
  type StepWorkEnd,
  worse,
} from "./step-scope.ts";

/** Carries out a stage of the action that a step uses. */
export async function carryOutAction(
  job: RunningJob,
  draft: Draft,
  finder: ActionFinder,
  step: UsesStep,
  turn: StepTurn,
  evaluate: () => Evaluation,
  effects: StepEffects,
  carryOutStep: CarryOutStep,
): Promise<StepWorkEnd> {
  const found = await finder.find(step.uses.reference);
  if (turn.scope.stage !== "post") register(job, draft, turn, found);
  const inputs = await inputsOf(job, draft, step, turn, found, evaluate());
  printHeader(job, draft, step, turn, inputs);
  if ("builtIn" in found) {
    return { result: await runBuiltIn(job, draft, turn, found.builtIn, inputs, effects), outputs: {} };
  }
  const own: StepTurn = { ...turn, github: { ...turn.github, ...whereFrom(found) } };
  const { definition } = found;
  switch (definition.kind) {
    case "node":
      return { result: await runNodeAction(job, draft, own, { ...found, definition }, inputs, effects), outputs: {} };
    case "composite":
      return runComposite(job, draft, finder, own, { ...found, definition }, inputs, carryOutStep);
    case "docker":
      return {
        result: await runDockerAction(job, draft, own, { ...found, definition }, inputs, effects),
        outputs: {},
      };
  }
}

/** What `github` says about where an action comes from. */
function whereFrom({ reference, folder, definition }: ResolvedAction): JsonObject {
  const path = definition.kind === "composite" ? { action_path: folder } : {};
  if (reference.kind !== "remote") return { ...path, action_repository: "", action_ref: "" };
  return { ...path, action_repository: reference.repository, action_ref: reference.ref };
}

/** Notes that the action has something to do after the job's steps, as soon as it begins: it must clean up what it began. */
function register(job: RunningJob, draft: Draft, turn: StepTurn, found: FoundAction): void {
  const condition = postCondition(found);
  const place = mainPlace(turn.place);
  // The pre stage of the same action may have done so.
  const known = [...draft.inherited.posts, ...draft.posts].some((post) => post.place === place);
  if (condition !== undefined && !known) draft.posts.push({ place, condition, composite: isComposite(found) });
  if ("builtIn" in found || found.reference.kind !== "local") return;
  if (found.definition.kind === "node" && found.definition.pre !== undefined) {
    const message = `\`pre\` execution is not supported for local action from '${found.reference.path}'`;
    reportIssue(job, draft, "warning", message);
  }
}

function isComposite(found: FoundAction): boolean {
  return "definition" in found && found.definition.kind === "composite";
}

function postCondition(found: FoundAction): string | undefined {
  if ("builtIn" in found) return found.builtIn.post === undefined ? undefined : (found.builtIn.postIf ?? "always()");
  const { definition } = found;
  switch (definition.kind) {
    case "node":
      return definition.post === undefined ? undefined : definition.postIf;
    case "composite":
      // Whether anything inside has one shows when it runs.
      return "always()";
    case "docker":
      return definition.postEntrypoint === undefined ? undefined : definition.postIf;
  }
}

async function inputsOf(
  job: RunningJob,
  draft: Draft,
  step: UsesStep,
  turn: StepTurn,
  found: FoundAction,
  evaluation: Evaluation,
): Promise<Readonly<Record<string, string>>> {
  const given = evaluation.texts(step.with);
  const inputs: Record<string, string> = { ...given };
  const named = new Set(Object.keys(given).map((name) => name.toLowerCase()));
  const valid: string[] = [];
  if ("builtIn" in found) {
    for (const [name, value] of Object.entries(found.builtIn.inputs)) {
      valid.push(name);
      if (!named.has(name)) inputs[name] = value;
    }
  } else {
    for (const { name, default: value, deprecationMessage } of found.definition.inputs) {
      valid.push(name);
      if (named.has(name.toLowerCase())) {
        const message = `Input '${name}' has been deprecated with message: ${deprecationMessage}`;
        if (deprecationMessage !== undefined) reportIssue(job, draft, "warning", message);
      } else {
        inputs[name] = value === undefined ? "" : evaluation.text(value);
      }
    }
    if (found.definition.kind === "docker") valid.push("entryPoint", "args");
  }
  const known = new Set(valid.map((name) => name.toLowerCase()));
  const unexpected = Object.keys(given).filter((name) => !known.has(name.toLowerCase()));
  if (unexpected.length > 0 && turn.scope.stage !== "post") {
    const message = `Unexpected input(s) '${unexpected.join("', '")}', valid inputs are ['${valid.join("', '")}']`;
    reportIssue(job, draft, "warning", message);
  }
  return inputs;
}

function printHeader(
  job: RunningJob,
  draft: Draft,
  step: UsesStep,
  turn: StepTurn,
  inputs: Readonly<Record<string, string>>,
): void {
  if (turn.scope.stage === "post") {
    job.host.log(draft.key, ["Post job cleanup."]);
    return;
  }
  const given = Object.entries(inputs).filter(([, value]) => value !== "");
  const lines = given.flatMap(([name, value]) => `  ${name}: ${value}`.split("\n"));
  job.host.log(draft.key, [
    `##[group]Run ${step.uses.reference}`,
    ...(lines.length > 0 ? ["with:", ...lines] : []),
    ...environmentLines(turn.env),
    "##[endgroup]",
  ]);
}

/**
 * Carries out the steps of a composite action, one after the other; each decides by its own `if` whether it runs after a
 * failure (CompositeActionHandler). The outputs count also when a step failed.
 */
async function runComposite(
  job: RunningJob,
  draft: Draft,
  finder: ActionFinder,
  turn: StepTurn,
  { definition, folder }: ResolvedAction & { readonly definition: CompositeAction },
  inputs: Readonly<Record<string, string>>,
  carryOutStep: CarryOutStep,
): Promise<StepWorkEnd> {
  if (turn.place.split("/").length > deepestAction) {
    throw new TypeError(`Composite action depth exceeded max depth ${deepestAction}`);
  }
  const { stage } = turn.scope;
  let result: StepWorkEnd["result"] = "success";
  // The post steps look at what the main steps left.
  const main = mainPlace(turn.place);
  const steps: Record<string, StepContext> = stage === "post" ? { ...draft.inherited.inner[main] } : {};
  const scope: StepScope = {
    place: turn.place,
    stage,
    contexts: { ...turn.scope.contexts, inputs, github: { ...turn.github, action_path: folder } },
    steps,
    overrides: turn.overrides,
    status: () => {
      if (job.status === "cancelled" || stage === "post") return job.status;
      return result === "timed-out" ? "cancelled" : result;
    },
    signal: turn.signal,
    deadline: turn.deadline,
  };
  const placed = stage === "post" ? postSteps(draft, turn, definition) : mainSteps(turn, definition);
  for (const one of placed) {
    const end = await carryOutStep(job, draft, finder, scope, one);
    if (end.conclusion === "failure" || end.conclusion === "cancelled") {
      result = worse(result, end.timedOut === true ? "timed-out" : end.conclusion);
    }
    const { id } = one.step;
    if (stage !== "post" && !id.startsWith("__")) {
      steps[id] = { outputs: end.outputs, outcome: end.outcome, conclusion: end.conclusion };
    }
    if (end.conditionFailed === true) break;
  }
  if (stage === "post") return { result, outputs: {} };
  draft.inner[main] = steps;
  const contexts = { ...scope.contexts, env: turn.env, steps: { ...steps } as unknown as JsonObject };
  const evaluation = new Evaluation(job, contexts, scope.status);
  const outputs = definition.outputs.flatMap(({ name, value }) =>
    value === undefined ? [] : [[name, evaluation.text(value)] as const],
  );
  return { result, outputs: Object.fromEntries(outputs) };
}

function mainSteps(turn: StepTurn, definition: CompositeAction): readonly PlacedStep[] {
  return definition.steps.map((step, index) => ({ step, place: `${turn.place}/${index}` }));
}

/** Those that have begun, the last first. */
function postSteps(draft: Draft, turn: StepTurn, definition: CompositeAction): readonly PlacedStep[] {
  return mainSteps(turn, definition)
    .toReversed()
    .flatMap((placed) => {
      const registered = draft.inherited.posts.find(({ place }) => place === mainPlace(placed.place));
      return registered === undefined ? [] : [{ ...placed, condition: registered.condition }];
    });
}
