import { messageOf } from "@fairway/core";
import type { JsonObject } from "../model/json.ts";
import type { Contexts } from "../model/plan.ts";
import type { Step } from "../model/step.ts";
import { carryOutAction } from "./action-step.ts";
import { Evaluation } from "./evaluation.ts";
import { FileCommands } from "./file-commands.ts";
import type { ActionFinder } from "./resolve-action.ts";
import type { Draft, RunningJob } from "./running-job.ts";
import { runScript } from "./script-step.ts";
import { type StepEffects, noEffects } from "./step-effects.ts";
import { StepEnding } from "./step-ending.ts";
import { reportIssue } from "./step-issue.ts";
import { nameOf, plainName } from "./step-name.ts";
import type { PlacedStep, StepOutcome, StepScope, StepTurn, StepWorkEnd } from "./step-scope.ts";

/**
 * Carries out one step, in a job or inside a composite action: its variables, its condition, its time, its work, and what
 * is made of a failure. Only what is no failure of the step throws. The order is the official runner's (StepsRunner).
 */
export async function carryOutStep(
  job: RunningJob,
  draft: Draft,
  finder: ActionFinder,
  scope: StepScope,
  placed: PlacedStep,
): Promise<StepOutcome> {
  const { step, place } = placed;
  const github: JsonObject = { ...(scope.contexts["github"] as JsonObject), action: step.id };
  const contextsWith = (env: Readonly<Record<string, string>>): Contexts => ({
    ...scope.contexts,
    github,
    env,
    steps: { ...scope.steps } as unknown as JsonObject,
  });
  let overrides = scope.overrides;
  const outerEnv = { ...draft.inherited.env, ...overrides };
  await new Evaluation(job, contextsWith(outerEnv), scope.status).hashAhead(
    step,
    placed.condition ?? step.condition.effective,
  );
  const unnamed = `${placed.prefix ?? ""}${plainName(step)}`;
  if (step.env !== undefined) {
    try {
      overrides = { ...overrides, ...new Evaluation(job, contextsWith(outerEnv), scope.status).texts(step.env) };
    } catch (thrown) {
      reportIssue(job, draft, "error", messageOf(thrown));
      return { name: unnamed, outcome: "failure", conclusion: "failure", outputs: {} };
    }
  }
  const env = { ...draft.inherited.env, ...overrides };
  const evaluate = (): Evaluation => new Evaluation(job, contextsWith(env), scope.status);
  const name = nameOf(step, evaluate(), placed.prefix ?? "", scope.stage === "main");
  const condition = { effective: placed.condition ?? step.condition.effective };
  try {
    if (!evaluate().condition(condition)) return { name, outcome: "skipped", conclusion: "skipped", outputs: {} };
  } catch (thrown) {
    reportIssue(job, draft, "error", messageOf(thrown));
    return { name, outcome: "failure", conclusion: "failure", outputs: {}, conditionFailed: true };
  }
  if (scope.place === "") job.host.progress?.({ step: draft.key, name, state: "running" });
  const minutes = timeoutOf(job, draft, step, evaluate());
  const own = minutes === undefined ? undefined : Date.now() + minutes * 60_000;
  const deadline = own === undefined ? scope.deadline : Math.min(own, scope.deadline ?? Infinity);
  const ending = new StepEnding(job, scope, own, () => {
    try {
      return evaluate().condition(condition);
    } catch {
      return false; // What cannot be computed does not ask to go on.
    }
  });
  const effects = noEffects();
  const turn: StepTurn = {
    scope,
    place,
    name,
    env,
    overrides,
    github,
    signal: ending.signal,
    deadline,
  };
  let result: StepWorkEnd["result"];
  let outputs: Readonly<Record<string, string>> = {};
  try {
    const end = await workOf(job, draft, finder, step, turn, evaluate, effects);
    result = end.result;
    outputs = end.outputs;
  } catch (thrown) {
    if (job.isFault(thrown)) throw thrown;
    result = "failure";
    // Something that was interrupted says so in many ways.
    if (ending.signal.aborted) result = "cancelled";
    else reportIssue(job, draft, "error", messageOf(thrown));
  } finally {
    ending.close();
  }
  if (own !== undefined && (ending.timedOut ? result !== "success" : result === "timed-out" && own === deadline)) {
    reportIssue(job, draft, "error", `The action '${name}' has timed out after ${minutes} minutes.`);
    result = "failure";
  } else if (result === "cancelled") {
    reportIssue(job, draft, "error", "The operation was canceled.");
  }
  if (effects.failed && result === "success") result = "failure";
  draft.take(place, effects);
  const outcome = result === "timed-out" ? "cancelled" : result;
  const conclusion = outcome === "failure" && continues(job, draft, step, evaluate()) ? "success" : outcome;
  const timedOut = result === "timed-out" ? { timedOut: true } : {};
  return { name, outcome, conclusion, outputs: { ...outputs, ...effects.outputs }, ...timedOut };
}

async function workOf(
  job: RunningJob,
  draft: Draft,
  finder: ActionFinder,
  step: Step,
  turn: StepTurn,
  evaluate: () => Evaluation,
  effects: StepEffects,
): Promise<StepWorkEnd> {
  const files = new FileCommands(job.host.folders.temp, turn.place);
  await files.create();
  const withFiles: StepTurn = { ...turn, github: { ...turn.github, ...files.paths() } };
  let end: StepWorkEnd;
  try {
    end =
      step.kind === "uses"
        ? await carryOutAction(job, draft, finder, step, withFiles, evaluate, effects, carryOutStep)
        : { result: await runScript(job, draft, withFiles, step, evaluate(), effects), outputs: {} };
  } catch (thrown) {
    // Not when the attempt ends: the process may go on writing.
    if (!job.isFault(thrown)) await takeFiles(job, draft, turn, files, effects);
    throw thrown;
  }
  await takeFiles(job, draft, turn, files, effects);
  return end;
}

async function takeFiles(
  job: RunningJob,
  draft: Draft,
  turn: StepTurn,
  files: FileCommands,
  effects: StepEffects,
): Promise<void> {
  const { summary, errors } = await files.process(effects);
  for (const error of errors) reportIssue(job, draft, "error", error);
  if (summary !== undefined) await job.ask(async (host) => host.summary(turn.place, summary));
  draft.files.push(files);
}

function timeoutOf(job: RunningJob, draft: Draft, step: Step, evaluation: Evaluation): number | undefined {
  if (step.timeoutMinutes === undefined) return undefined;
  try {
    const minutes = Math.floor(Number(evaluation.text(step.timeoutMinutes)));
    if (!Number.isFinite(minutes)) throw new TypeError("it is no number");
    return minutes > 0 ? minutes : undefined;
  } catch (thrown) {
    reportIssue(job, draft, "error", "An error occurred when attempting to determine the step timeout.");
    reportIssue(job, draft, "error", messageOf(thrown));
    return undefined;
  }
}

function continues(job: RunningJob, draft: Draft, step: Step, evaluation: Evaluation): boolean {
  if (step.continueOnError === undefined) return false;
  try {
    const value = evaluation.value(step.continueOnError);
    return value === true || value === "true";
  } catch (thrown) {
    const what = "The step failed and an error occurred when attempting to determine whether to continue on error.";
    reportIssue(job, draft, "error", what);
    reportIssue(job, draft, "error", messageOf(thrown));
    return false;
  }
}
