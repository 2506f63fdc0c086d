import type { Digest } from "@fairway/core";
import { isTerminal } from "@fairway/core";
import type { InstanceState, JobInstance, PlannedJob, WorkflowPlan } from "@fairway/workflow";
import { digestOf } from "../digest.ts";
import type { JobDecider } from "../runs/growing-runs.ts";
import { endJob } from "../runs/make-way.ts";
import type { JobPlan, Json } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import type { HeldJob } from "../store/jobs.ts";
import { changeJob, forgetJobs, jobsOfHeldRun, putJob, resultsOf } from "../store/jobs.ts";
import type { Run } from "../store/runs.ts";
import type { Transaction } from "../store/store.ts";
import type { WorkflowJobInput, WorkflowJobResult, WorkflowRunDocument, WorkflowSubject } from "./run-document.ts";
import { factsOf, runDocument } from "./run-document.ts";

/** The stage of a job of a workflow. */
export const workflowJobStage = "workflow-job";

/** The row of the approval that a job waits for, and of its turn in a concurrency group. No job's id holds a colon. */
const approvalOf = (key: string): string => `${key}:approval`;
const turnOf = (key: string): string => `${key}:turn`;

/** Decides about the jobs of a workflow's run from how the others stand, by the rules of GitHub. */
export const decideWorkflowJobs: JobDecider = async (tx, run, jobs) => {
  const { document: digest, before } = run.subject as unknown as WorkflowSubject;
  const gates = jobs.filter((job) => before.includes(job.name));
  const refused = gates.some((job) => isTerminal(job.state) && job.state !== "succeeded");
  if (!jobs.some(({ stage, state }) => stage === "planned" || !isTerminal(state))) return jobs;
  // Nothing of a run begins before what holds all of it back; when that says no, nothing ever does.
  if (refused) {
    const reason = "what the whole run waits for said no";
    for (const name of namesOfPlanned(jobs))
      await changeJob(tx, { run: run.id, name }, { state: "aborted", reason, message: null, ended: true });
    return jobsOfHeldRun(tx, run.id);
  }
  if (gates.some((job) => !isTerminal(job.state))) return jobs;
  const document = await runDocument(tx, digest);
  const { nextJobs } = await import("@fairway/workflow");
  const results = await resultsOf(tx, run.id, [workflowJobStage, "planned"]);
  const states = new Map<string, InstanceState>();
  for (const job of jobs)
    if (job.stage === workflowJobStage || (job.stage === "planned" && isTerminal(job.state)))
      states.set(job.name, stateOf(job, results.get(job.name)));
  const { moves, outcome } = nextJobs(document.plan, factsOf(document, run), states);
  const rows = new Rows(tx, run, jobs, document, digest);
  for (const move of moves) {
    switch (move.move) {
      case "start":
        await rows.start(move.instance);
        break;
      case "end":
        await rows.end(move.key, { result: move.outcome.result, outputs: move.outcome.outputs }, move.reason);
        break;
      case "cancel":
        await endJob(tx, { run: run.id, name: move.key }, move.reason);
        tx.signal({ kind: "stop", run: run.id });
        break;
    }
  }
  const left = moves.length === 0 ? jobs : await jobsOfHeldRun(tx, run.id);
  if (outcome === undefined) return left;
  // Of a job that is decided again there may be fewer legs than there were.
  const never = namesOfPlanned(left);
  await forgetJobs(tx, run.id, never);
  return left.filter((job) => !never.includes(job.name));
};

const namesOfPlanned = (jobs: readonly HeldJob[]): readonly string[] =>
  jobs.filter(({ stage, state }) => stage === "planned" && !isTerminal(state)).map(({ name }) => name);

function stateOf(job: HeldJob, result: Json | undefined): InstanceState {
  if (!isTerminal(job.state)) return { state: "running" };
  const found = result as unknown as WorkflowJobResult | null | undefined;
  if (found) return { state: "ended", result: found.result, outputs: found.outputs };
  return { state: "ended", result: job.state === "aborted" ? "cancelled" : "failure", outputs: {} };
}

/** The rows of a run's jobs while its plan is carried on. */
class Rows {
  readonly #tx: Transaction;
  readonly #run: Run;
  readonly #document: WorkflowRunDocument;
  readonly #digest: Digest;
  readonly #rows: Map<string, { readonly place: number; readonly stage: string }>;

  constructor(tx: Transaction, run: Run, jobs: readonly HeldJob[], document: WorkflowRunDocument, digest: Digest) {
    this.#tx = tx;
    this.#run = run;
    this.#document = document;
    this.#digest = digest;
    this.#rows = new Map(jobs.map((job, place) => [job.name, { place, stage: job.stage }]));
  }

  async start(instance: JobInstance): Promise<void> {
    const { key, concurrency, environment } = instance;
    const needs = this.#needsOf(key);
    const gates: string[] = [];
    const needed = environment === undefined ? 0 : (this.#document.approvals[environment.name] ?? 0);
    if (environment !== undefined && needed > 0) {
      gates.push(approvalOf(key));
      const about = { run: this.#run.id, key, environment: environment.name, sha: this.#document.event.sha };
      await this.#put(gates[0]!, { stage: "approval", needs, input: { needed, digest: digestOf(about) } });
    }
    if (concurrency !== undefined) {
      const before = [...needs, ...gates];
      gates.push(turnOf(key));
      const { group, cancelInProgress, queue } = concurrency;
      const input = { group, holder: key, cancelInProgress, queue };
      await this.#put(turnOf(key), { stage: "concurrency", needs: before, input });
    }
    const input: WorkflowJobInput = { document: this.#digest, instance, gates };
    await this.#put(key, { stage: workflowJobStage, needs: [...needs, ...gates], input: asJson(input) });
  }

  async end(key: string, result: WorkflowJobResult, reason: string): Promise<void> {
    // A retry decides about it again.
    await this.#put(key, { stage: "planned", needs: this.#needsOf(key), input: null });
    const change =
      result.result === "failure"
        ? ({ state: "failed", reason, message: null } as const)
        : result.result === "cancelled"
          ? ({ state: "aborted", reason, message: null } as const)
          : ({ state: "succeeded", message: `skipped: ${reason}` } as const);
    await changeJob(this.#tx, { run: this.#run.id, name: key }, { ...change, result: asJson(result), ended: true });
  }

  async #put(name: string, job: Pick<JobPlan, "stage" | "needs" | "input">): Promise<void> {
    const place = await this.#placeFor(name);
    this.#rows.set(name, { place, stage: job.stage });
    const turn = job.stage === workflowJobStage || job.stage === "planned" ? "after-all" : "after-success";
    // A job watches its time itself, from its first step on; what only waits for people may wait.
    await putJob(this.#tx, this.#run.id, { ...job, name, turn, timeout: 0, place });
  }

  /** Where the row stands, in the place of what stood for it while nobody knew its legs. */
  async #placeFor(name: string): Promise<number> {
    const known = this.#rows.get(name);
    if (known !== undefined) return known.place;
    for (const end of [...name.matchAll(/[#/:]/g)].map(({ index }) => index)) {
      const stood = this.#rows.get(name.slice(0, end));
      if (stood === undefined) continue;
      if (stood.stage === "planned" && name[end] !== ":") {
        await forgetJobs(this.#tx, this.#run.id, [name.slice(0, end)]);
        this.#rows.set(name.slice(0, end), { ...stood, stage: "forgotten" });
      }
      return stood.place;
    }
    return this.#rows.size;
  }

  /** The rows of what a job needs: each is one row, or one for each leg, or those of the workflow that it calls. */
  #needsOf(key: string): readonly string[] {
    const bases = needsAlong(this.#document.plan, key);
    return [...this.#rows.keys()].filter(
      (name) =>
        !name.includes(":") &&
        bases.some((base) => name === base || name.startsWith(`${base}#`) || name.startsWith(`${base}/`)),
    );
  }
}

/** Keys of the jobs that a job needs, and that the jobs need which call the workflow around it. */
function needsAlong(plan: WorkflowPlan, key: string): readonly string[] {
  const found: string[] = [];
  let prefix = "";
  let inside: WorkflowPlan | undefined = plan;
  for (const part of key.split("/")) {
    const id = part.replace(/#\d+$/, "").toLowerCase();
    const planned: PlannedJob | undefined = inside?.jobs.find(({ job }) => job.id.toLowerCase() === id);
    for (const need of planned?.job.needs ?? []) found.push(`${prefix}${need.id}`);
    prefix += `${part}/`;
    inside = planned?.called;
  }
  return found;
}
