import { messageOf } from "@fairway/core";
import { evaluate, evaluateCondition, evaluateText } from "../expressions/evaluate.ts";
import type { JsonObject } from "../model/json.ts";
import type { Contexts, JobInstance, PlannedJob, SecretScope, WorkflowPlan } from "../model/plan.ts";
import { typedInputs } from "./inputs.ts";
import { instancesOf, type JobLegs } from "./job-instances.ts";
import { combinedOutcome, type InstanceStates, type JobOutcome, type RunFacts } from "./run-states.ts";

/** What a run does next. Each is to be recorded by its key, so that it is decided once. */
export type Move =
  | { readonly move: "start"; readonly instance: JobInstance }
  /** Ends without having run: skipped, or something about it could not be computed. */
  | {
      readonly move: "end";
      readonly key: string;
      readonly name: string;
      readonly outcome: JobOutcome;
      readonly reason: string;
    }
  /** Another leg has failed: this one, which runs, is to be cancelled. */
  | { readonly move: "cancel"; readonly key: string; readonly reason: string };

/** What a run does next, or what it came to when nothing is left to do. */
export interface NextJobs {
  readonly moves: readonly Move[];
  /** Undefined until every job has ended. */
  readonly outcome: JobOutcome | undefined;
}

/**
 * Decides what a run does next, from the plan and how its instances stand. Pure: asked again with the same states it says
 * the same, and what has ended is never started again.
 */
export function nextJobs(plan: WorkflowPlan, facts: RunFacts, states: InstanceStates): NextJobs {
  return new Decider(states).workflow(plan, { prefix: "", titles: [], facts, secretScopes: [], scopeOf: undefined });
}

/** Where in the nest of called workflows one is. */
interface Scope {
  readonly prefix: string;
  /** Names of the calling jobs, from the outside in. */
  readonly titles: readonly string[];
  readonly facts: RunFacts;
  readonly secretScopes: readonly SecretScope[];
  readonly scopeOf: string | undefined;
}

class Decider {
  readonly #states: InstanceStates;

  constructor(states: InstanceStates) {
    this.#states = states;
  }

  workflow(plan: WorkflowPlan, scope: Scope): NextJobs {
    const moves: Move[] = [];
    const outcomes = new Map<string, JobOutcome>();
    // In an order in which needs come first, whatever the order of the file.
    for (const planned of inOrderOfNeeds(plan.jobs)) {
      const needs = planned.job.needs.map(({ id }) => id.toLowerCase());
      if (!needs.every((id) => outcomes.has(id))) continue;
      const decided = this.#job(plan, planned, outcomes, scope);
      moves.push(...decided.moves);
      if (decided.outcome !== undefined) outcomes.set(planned.job.id.toLowerCase(), decided.outcome);
    }
    if (outcomes.size < plan.jobs.length) return { moves, outcome: undefined };
    return {
      moves,
      outcome: { ...combinedOutcome([...outcomes.values()]), outputs: outputsOf(plan, outcomes, scope) },
    };
  }

  #job(plan: WorkflowPlan, planned: PlannedJob, outcomes: ReadonlyMap<string, JobOutcome>, scope: Scope): NextJobs {
    const key = `${scope.prefix}${planned.job.id}`;
    const known = this.#states.get(key);
    // Recorded as a whole: skipped, could not be computed, or the one instance of a job without a matrix.
    if (known?.state === "ended") return { moves: [], outcome: known };
    const needs = needsOf(planned, outcomes);
    const contexts = { ...contextsOf(scope.facts), needs };
    const end = (outcome: JobOutcome, reason: string): NextJobs => ({
      moves: [{ move: "end", key, name: [...scope.titles, planned.job.id].join(" / "), outcome, reason }],
      outcome,
    });
    try {
      const refusal = skipReason(plan, planned, outcomes, contexts, scope.facts);
      if (refusal !== undefined && !this.#hasBegun(key)) {
        return end({ result: scope.facts.cancelled ? "cancelled" : "skipped", outputs: {} }, refusal);
      }
      const legs = instancesOf(plan.workflow, planned, contexts, scope);
      if ("fault" in legs) return end({ result: "failure", outputs: {} }, legs.fault);
      return planned.called === undefined
        ? this.#legs(legs, refusal)
        : this.#calls(planned, planned.called, legs, contexts, scope);
    } catch (thrown) {
      return end({ result: "failure", outputs: {} }, messageOf(thrown));
    }
  }

  #hasBegun(key: string): boolean {
    return [...this.#states.keys()].some(
      (known) => known === key || known.startsWith(`${key}#`) || known.startsWith(`${key}/`),
    );
  }

  /** `refusal` is why legs that have not begun may not begin any more: the run was cancelled meanwhile. */
  #legs({ instances, failFast, maxParallel }: JobLegs, refusal: string | undefined): NextJobs {
    const moves: Move[] = [];
    const known = instances.map((instance) => ({ instance, state: this.#states.get(instance.key) }));
    const failed = known.find(
      ({ instance, state }) => state?.state === "ended" && state.result === "failure" && !instance.continueOnError,
    );
    let running = known.filter(({ state }) => state?.state === "running").length;
    const outcomes: JobOutcome[] = [];
    for (const { instance, state } of known) {
      const { key, name } = instance;
      if (state?.state === "ended") {
        outcomes.push(state.result === "failure" && instance.continueOnError ? { ...state, result: "success" } : state);
      } else if (failFast && failed !== undefined) {
        const reason = `${failed.instance.name} has failed, and the matrix fails fast`;
        if (state === undefined) {
          const outcome: JobOutcome = { result: "cancelled", outputs: {} };
          moves.push({ move: "end", key, name, outcome, reason });
          outcomes.push(outcome);
        } else moves.push({ move: "cancel", key, reason });
      } else if (state === undefined && refusal !== undefined) {
        const outcome: JobOutcome = { result: "cancelled", outputs: {} };
        moves.push({ move: "end", key, name, outcome, reason: refusal });
        outcomes.push(outcome);
      } else if (state === undefined && running < maxParallel) {
        running++;
        moves.push({ move: "start", instance });
      }
    }
    return { moves, outcome: outcomes.length === instances.length ? combinedOutcome(outcomes) : undefined };
  }

  /** A called workflow runs once for each leg of the job that calls it, with inputs of that leg. */
  #calls(planned: PlannedJob, called: WorkflowPlan, legs: JobLegs, contexts: Contexts, scope: Scope): NextJobs {
    const moves: Move[] = [];
    const outcomes: JobOutcome[] = [];
    for (const { key, name, matrix, strategy } of legs.instances) {
      const around = { ...contexts, matrix, strategy: { ...strategy } };
      const inputs = inputsOf(planned, called, around);
      const inner = this.workflow(called, {
        prefix: `${key}/`,
        titles: [...scope.titles, name],
        facts: { ...scope.facts, inputs },
        secretScopes: [...scope.secretScopes, secretScopeOf(planned, around)],
        scopeOf: key,
      });
      moves.push(...inner.moves);
      if (inner.outcome !== undefined) outcomes.push(inner.outcome);
    }
    return { moves, outcome: outcomes.length === legs.instances.length ? combinedOutcome(outcomes) : undefined };
  }
}

function contextsOf({ github, vars, inputs }: RunFacts): Contexts {
  return { github, vars, inputs };
}

/** The `needs` context: the direct needs only. */
function needsOf({ job }: PlannedJob, outcomes: ReadonlyMap<string, JobOutcome>): JsonObject {
  return Object.fromEntries(
    job.needs.flatMap(({ id }) => {
      const outcome = outcomes.get(id.toLowerCase());
      return outcome === undefined ? [] : [[id, { result: outcome.result, outputs: { ...outcome.outputs } }]];
    }),
  );
}

/**
 * Why a job is skipped, or undefined when it has its turn. `success()` and `failure()` look at everything that the job
 * needs, directly or through others, as GitHub does: a job is not run in silence behind one that was skipped.
 */
function skipReason(
  plan: WorkflowPlan,
  { job }: PlannedJob,
  outcomes: ReadonlyMap<string, JobOutcome>,
  contexts: Contexts,
  { cancelled }: RunFacts,
): string | undefined {
  const before = ancestorsOf(plan, job.id).map((id) => outcomes.get(id)?.result);
  const success = !cancelled && before.every((result) => result === "success");
  const functions = {
    success: () => success,
    failure: () => !cancelled && before.includes("failure"),
    cancelled: () => cancelled,
  };
  if (evaluateCondition(job.condition ?? { effective: "success()" }, contexts, functions)) return undefined;
  if (cancelled) return "the run was cancelled";
  if (job.condition === undefined || (!success && !before.includes("failure")))
    return "a job that it needs did not succeed";
  return `its condition does not hold: ${job.condition.source}`;
}

function ancestorsOf(plan: WorkflowPlan, id: string): readonly string[] {
  const byId = new Map(plan.jobs.map(({ job }) => [job.id.toLowerCase(), job]));
  const found = new Set<string>();
  const open = [id.toLowerCase()];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const need of byId.get(next)?.needs ?? []) {
      if (found.has(need.id.toLowerCase())) continue;
      found.add(need.id.toLowerCase());
      open.push(need.id.toLowerCase());
    }
  }
  return [...found];
}

function inOrderOfNeeds(jobs: readonly PlannedJob[]): readonly PlannedJob[] {
  const placed = new Set<string>();
  const ordered: PlannedJob[] = [];
  for (let left = [...jobs]; left.length > 0;) {
    const ready = left.filter(({ job }) => job.needs.every(({ id }) => placed.has(id.toLowerCase())));
    if (ready.length === 0) break; // A circle: the reader has refused such a file.
    for (const planned of ready) placed.add(planned.job.id.toLowerCase());
    ordered.push(...ready);
    left = left.filter((planned) => !ready.includes(planned));
  }
  return ordered;
}

function inputsOf({ job }: PlannedJob, called: WorkflowPlan, contexts: Contexts): JsonObject {
  const definitions = called.workflow.triggers.call?.inputs ?? [];
  const given = job.kind === "call" && job.with !== undefined ? (evaluate(job.with, contexts) as JsonObject) : {};
  const names = new Set(Object.keys(given).map((name) => name.toLowerCase()));
  const computed = definitions.flatMap(({ name, default: initial }) =>
    initial?.kind === "expression" && !names.has(name.toLowerCase()) ? [[name, evaluate(initial, contexts)]] : [],
  );
  const { values, faults } = typedInputs(definitions, { ...Object.fromEntries(computed), ...given });
  const [fault] = faults;
  if (fault !== undefined) throw new Error(`calling ${called.workflow.file}: ${fault.message}`);
  return values;
}

function secretScopeOf({ job }: PlannedJob, contexts: Contexts): SecretScope {
  if (job.kind !== "call" || job.secrets === undefined) return { pass: "none" };
  return job.secrets === "inherit" ? { pass: "all" } : { pass: "some", secrets: job.secrets, contexts };
}

/** The outputs of a called workflow, computed from those of its jobs. */
function outputsOf(
  { workflow }: WorkflowPlan,
  outcomes: ReadonlyMap<string, JobOutcome>,
  { facts, scopeOf }: Scope,
): Readonly<Record<string, string>> {
  if (scopeOf === undefined) return {};
  const jobs = Object.fromEntries(
    workflow.jobs.map(({ id }) => {
      const { result = "skipped", outputs = {} } = outcomes.get(id.toLowerCase()) ?? {};
      return [id, { result, outputs: { ...outputs } }];
    }),
  );
  const contexts = { ...contextsOf(facts), jobs };
  return Object.fromEntries(
    (workflow.triggers.call?.outputs ?? []).map(({ name, value }) => [name, evaluateText(value, contexts)]),
  );
}
