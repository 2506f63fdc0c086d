import { evaluate, evaluateText, isTruthy, textOfJson } from "../expressions/evaluate.ts";
import type { Job, StepsJob } from "../model/job.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import type {
  ConcurrencyGroup,
  Contexts,
  JobInstance,
  PlannedJob,
  SecretScope,
  StrategyContext,
} from "../model/plan.ts";
import type { Template } from "../model/template.ts";
import type { Concurrency, Workflow } from "../model/workflow.ts";
import { labelsRefusal } from "./refusals.ts";
import { unfoldMatrix } from "./unfold-matrix.ts";

/** The legs of a job whose turn has come. A job that calls a workflow has legs too, which are not run but opened. */
export interface JobLegs {
  readonly instances: readonly JobInstance[];
  readonly failFast: boolean;
  /** How many may run at once. */
  readonly maxParallel: number;
}

interface Around {
  readonly prefix: string;
  readonly titles: readonly string[];
  readonly facts: { readonly inputs: JsonObject };
  readonly secretScopes: readonly SecretScope[];
}

/** GitHub's, when a job names none. */
const usualTimeoutMinutes = 360;

/** Unfolds a job into its legs, everything computed that may depend on the matrix; or says why that cannot be. */
export function instancesOf(
  workflow: Workflow,
  { job, permissions }: PlannedJob,
  contexts: Contexts,
  around: Around,
): JobLegs | { readonly fault: string } {
  const strategy = strategyOf(job, contexts);
  const unfolded = strategy.matrix === undefined ? { legs: [{}] } : unfoldMatrix(strategy.matrix);
  if ("fault" in unfolded) return unfolded;
  const total = unfolded.legs.length;
  const { failFast } = strategy;
  const maxParallel = Math.max(1, strategy.maxParallel ?? total);
  const instances = unfolded.legs.map((matrix, index): JobInstance => {
    const context: StrategyContext = {
      "fail-fast": failFast,
      "job-index": index,
      "job-total": total,
      "max-parallel": maxParallel,
    };
    const here = { ...contexts, matrix, strategy: { ...context } };
    return {
      key: `${around.prefix}${job.id}${strategy.matrix === undefined ? "" : `#${index}`}`,
      id: job.id,
      file: workflow.file,
      workflowName: workflow.name ?? workflow.file,
      name: [...around.titles, nameOf(job, matrix, here)].join(" / "),
      needs: job.needs.map(({ id }) => id),
      needsContext: (here as { readonly needs?: JsonObject }).needs ?? {},
      ...(job.condition === undefined ? {} : { condition: job.condition }),
      matrix,
      strategy: context,
      permissions,
      env: [workflow.env, job.kind === "steps" ? job.env : undefined].filter((env) => env !== undefined),
      defaults: [workflow.defaults, ...(job.kind === "steps" ? [job.defaults] : [])],
      inputs: around.facts.inputs,
      secretScopes: around.secretScopes,
      ...(job.concurrency === undefined ? {} : { concurrency: concurrencyOf(job.concurrency, here) }),
      ...(job.kind === "steps" ? computedOf(job, here) : nothingComputed),
    };
  });
  return { instances, failFast, maxParallel };
}

/** A concurrency group, computed; also that of a whole workflow. */
export function concurrencyOf({ group, cancelInProgress, queue }: Concurrency, contexts: Contexts): ConcurrencyGroup {
  const cancels = cancelInProgress !== undefined && isYes(evaluate(cancelInProgress, contexts));
  return { group: evaluateText(group, contexts), cancelInProgress: cancels, queue };
}

interface ComputedStrategy {
  readonly matrix: JsonValue | undefined;
  readonly failFast: boolean;
  readonly maxParallel: number | undefined;
}

function strategyOf({ strategy }: Job, contexts: Contexts): ComputedStrategy {
  const whole = strategy?.whole && evaluate(strategy.whole, contexts);
  const valueOf = (key: string, template: Template | undefined): JsonValue | undefined =>
    isObject(whole) ? whole[key] : template && evaluate(template, contexts);
  const failFast = valueOf("fail-fast", strategy?.failFast);
  const maxParallel = valueOf("max-parallel", strategy?.maxParallel);
  return {
    matrix: valueOf("matrix", strategy?.matrix),
    failFast: failFast === undefined || failFast === null || isYes(failFast),
    maxParallel: maxParallel === undefined || maxParallel === null ? undefined : Number(maxParallel),
  };
}

type Computed = Pick<JobInstance, "runsOn" | "timeoutMinutes" | "continueOnError" | "environment" | "job">;

// A job that calls has none of these; its instance is never run, so nobody looks for them.
const nothingComputed = { runsOn: [], timeoutMinutes: 0, continueOnError: false } as unknown as Computed;

function computedOf(job: StepsJob, contexts: Contexts): Computed {
  const minutes =
    job.timeoutMinutes === undefined ? usualTimeoutMinutes : Number(evaluate(job.timeoutMinutes, contexts));
  if (!(minutes > 0)) throw new Error(`timeout-minutes is ${minutes}: it must be a number above zero`);
  const name = job.environment && evaluateText(job.environment.name, contexts);
  return {
    runsOn: linuxLabels(labelsOf(evaluate(job.runsOn, contexts))),
    timeoutMinutes: minutes,
    continueOnError: job.continueOnError !== undefined && isYes(evaluate(job.continueOnError, contexts)),
    ...(name === undefined || name === ""
      ? {}
      : { environment: { name, ...(job.environment?.url === undefined ? {} : { url: job.environment.url }) } }),
    job,
  };
}

function linuxLabels(labels: readonly string[]): readonly string[] {
  const refusal = labelsRefusal(labels);
  if (refusal !== undefined) throw new Error(refusal);
  return labels;
}

function labelsOf(value: JsonValue): readonly string[] {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(textOfJson);
  if (isObject(value)) return value["labels"] === undefined ? [] : labelsOf(value["labels"]);
  return [textOfJson(value)];
}

/** The author's name; else the id and the values of the leg, as GitHub shows them. */
function nameOf(job: Job, matrix: JsonObject, contexts: Contexts): string {
  const name = job.name === undefined ? "" : evaluateText(job.name, contexts);
  if (name !== "" && (job.name?.kind === "expression" || Object.keys(matrix).length === 0)) return name;
  const values = Object.values(matrix).flatMap(scalarsOf).map(textOfJson);
  return values.length === 0 ? name || job.id : `${name || job.id} (${values.join(", ")})`;
}

function scalarsOf(value: JsonValue): readonly JsonValue[] {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap(scalarsOf);
  return isObject(value) ? Object.values(value).flatMap(scalarsOf) : [value];
}

/** A flag may come as a text out of an expression. */
function isYes(value: JsonValue): boolean {
  return typeof value === "string" ? value.toLowerCase() === "true" : isTruthy(value);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
