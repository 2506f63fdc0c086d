import type { Digest, RunId } from "@fairway/core";
import { can, FairwayError, isNamedBy, isTerminal, jobsToRetry } from "@fairway/core";
import { whoActs } from "../audit/acting.ts";
import { approverOf, assertCounted } from "../gates/approver.ts";
import { recordChange } from "../store/audit.ts";
import { holdManualLock, lockByHand } from "../store/environment-locks.ts";
import { deploymentSubject } from "../store/deployment-ends.ts";
import { gatesOf, recordApproval } from "../store/gates.ts";
import type { JobStanding } from "../store/jobs.ts";
import { changeJob, holdJobs } from "../store/jobs.ts";
import type { Run } from "../store/runs.ts";
import { openQuestions, recordAnswer } from "../store/step-questions.ts";
import { changeRun, holdRun } from "../store/runs.ts";
import type { Store, Transaction } from "../store/store.ts";
import { advance } from "./advance.ts";
import { stopRun } from "./stop-run.ts";
import type { Json } from "./stage.ts";

/** A person's answer to what a run asks. */
export interface Answer {
  readonly by: string;
  readonly answer: "yes" | "no";
  /** Of what was shown when the decision was made. */
  readonly digest: Digest;
  readonly note?: string | null;
  /** What was typed to mean it: what is taken away is named. */
  readonly names?: readonly string[] | undefined;
  /** By what else than the API it came. */
  readonly via?: "link";
  /** Looked at first, in the same transaction: where it throws, nothing is recorded. */
  readonly first?: (tx: Transaction, run: Run) => Promise<void>;
}

/** Records an answer and gives the next their turn, at once. Throws `stale_approval` when something else would happen now. */
export async function approve(
  store: Store,
  id: RunId,
  { by, answer, digest, note = null, names = [], via, first }: Answer,
): Promise<Run> {
  return store.transaction(async (tx) => {
    const run = await holdRun(tx, id);
    await first?.(tx, run);
    const waiting = (await holdJobs(tx, id)).filter((job) => job.stage === "approval" && job.state === "waiting");
    const questions = await openQuestions(tx, id);
    const possible = can.approve({ id, state: run.state, waitsForApproval: waiting.length + questions.length > 0 });
    if (!possible.possible) throw new FairwayError("not_allowed_now", possible.reason);
    const question = questions.find((candidate) => candidate.digest === digest);
    const { environment = null } = (run.subject ?? {}) as { readonly environment?: string };
    const approver = await approverOf(tx, whoActs(), environment);
    if (answer === "yes") assertCounted(approver, run.terms);
    if (question !== undefined) {
      await recordAnswer(tx, question, { by, answer, note });
      recordChange(tx, "hold.answered", { subject: id, environment, detail: { by, answer, digest } });
      return run;
    }
    const gates = (await gatesOf(tx, id)).filter((gate) =>
      waiting.some(({ name, attempt }) => name === gate.job && attempt === gate.attempt),
    );
    const gate = gates.find((candidate) => candidate.digest === digest);
    if (gate === undefined)
      throw new FairwayError(
        "stale_approval",
        `what was shown when ${by} decided about ${id} is not what would happen now`,
        {
          hint: `look at it again: fairway run show ${id}`,
        },
      );
    const asks = waiting.find(({ name }) => name === gate.job)?.waitsFor;
    if (answer === "yes") assertNamed(id, asks, names);
    await recordApproval(tx, id, gate, { by, answer, digest, note, approver });
    const action = answer === "yes" ? "approval.given" : "approval.refused";
    recordChange(tx, action, { subject: id, environment, detail: { by, job: gate.job, digest, ...(via && { via }) } });
    return advance(tx, id);
  });
}

/** What takes something away happens only when whoever approves it has typed what. Throws `not_allowed_now`. */
function assertNamed(id: RunId, asks: Json | undefined, typed: readonly string[]): void {
  const { names = [] } = (asks ?? {}) as { readonly names?: readonly string[] };
  const left = names.filter((name) => !typed.some((one) => isNamedBy(name, one)));
  if (left.length === 0) return;
  const shown = left.slice(0, 20);
  throw new FairwayError("not_allowed_now", `${id} takes away what you have not named: ${shown.join(", ")}`, {
    problems: shown,
    hint: `name each, or what it is in: fairway approve ${id} ${shown.map((name) => `--destroy '${name}'`).join(" ")}`,
  });
}

/** How a run is to stop. */
export interface StopWish {
  readonly by: string;
  /** Leave what is half done as it is, and ask a person; else what ran before is brought back. */
  readonly keep?: boolean;
  /** Although it is a way back. */
  readonly force?: boolean;
}

/**
 * Asks a run to stop. What puts things right still gets its turn; the run ends when all that is under way has ended. Of one
 * that was kept as it is, half-way, it asks to put things right now.
 */
export async function cancel(store: Store, id: RunId, { by, keep = false, force = false }: StopWish): Promise<Run> {
  return store.transaction(async (tx) => {
    const run = await holdRun(tx, id);
    const jobs = await holdJobs(tx, id);
    const possible = run.kind === "deployment" ? can.stop(stopFacts(run, jobs, { keep, force })) : can.cancel(run);
    if (!possible.possible) throw new FairwayError("not_allowed_now", possible.reason, stopHint(run, force));
    await stopRun(tx, run, { by, keep });
    const { environment = null } = deploymentSubject(run) ?? {};
    recordChange(tx, "run.stopped", { subject: id, environment, detail: { by, keep, force } });
    return advance(tx, id);
  });
}

function stopFacts(
  run: Run,
  jobs: readonly JobStanding[],
  wish: { readonly keep: boolean; readonly force: boolean },
): Parameters<typeof can.stop>[0] {
  const has = (stage: string, is: (job: JobStanding) => boolean): boolean =>
    jobs.some((job) => job.stage === stage && is(job));
  return {
    id: run.id,
    state: run.state,
    stopping: run.stopping,
    frozen: run.frozen,
    isRollback: deploymentSubject(run)?.reason === "rollback",
    begun: has("begin", ({ state }) => state === "succeeded"),
    finishing: has("finish", ({ state, readyAt }) => state === "succeeded" || state === "running" || readyAt !== null),
    ...wish,
  };
}

function stopHint(run: Run, force: boolean): { readonly hint?: string } {
  const subject = deploymentSubject(run);
  if (subject === null || isTerminal(run.state) || run.stopping) return {};
  return subject.reason === "rollback" && !force
    ? { hint: `if you mean it: fairway stop ${subject.environment} --force` }
    : { hint: `go back with: fairway rollback ${subject.environment}` };
}

/** That a run is to go on. */
export interface RetryWish {
  readonly by: string;
  /** How somebody knows that the job is done that was cut off: it is not run again, and what comes after it is. */
  readonly done?: string | undefined;
}

/** Tries what did not succeed again, in new attempts; what succeeded stays. Throws `not_allowed_now`. */
export async function retry(store: Store, id: RunId, { by, done }: RetryWish): Promise<Run> {
  return store.transaction(async (tx) => {
    const run = await holdRun(tx, id);
    const possible = can.retry(run);
    if (!possible.possible) throw new FairwayError("not_allowed_now", possible.reason);
    const standing = await holdJobs(tx, id);
    const told = done === undefined ? null : { job: await takeAsDone(tx, run, standing, done), note: done };
    const jobs = told === null ? standing : await holdJobs(tx, id);
    const behind = told === null ? [] : jobsBehind(told.job, jobs).filter(({ state }) => isTerminal(state));
    const again = withLocks([...jobsToRetry(jobs), ...behind.map(({ name }) => name)], jobs);
    for (const job of jobs)
      if (again.has(job.name)) {
        const change = { afresh: true, state: "pending", ready: false, attempt: job.attempt + 1 } as const;
        // Where jobs are decided as the run goes, what comes after others that are done again is decided again.
        const undecided = job.turn === "after-all" && job.needs.some((name) => again.has(name));
        await changeJob(tx, job, undecided ? { ...change, stage: "planned" } : change);
      }
    await changeRun(tx, id, {
      state: "running",
      stopping: false,
      stoppedBy: null,
      frozen: false,
      attention: null,
      ended: false,
    });
    tx.emit({ kind: "run.changed", subject: id, body: { retriedBy: by, jobs: [...again] } });
    const { environment = null } = deploymentSubject(run) ?? {};
    recordChange(tx, "run.retried", {
      subject: id,
      environment,
      detail: { by, jobs: [...again], ...(told === null ? {} : { done: told }) },
    });
    return advance(tx, id);
  });
}

/** Somebody's word for the job that was cut off: it counts as done, and its result says whose word that is. Gives its name. */
async function takeAsDone(tx: Transaction, run: Run, jobs: readonly JobStanding[], note: string): Promise<string> {
  const job = jobs.find(({ name, state }) => name === run.attention?.interrupted && state === "errored");
  if (job === undefined)
    throw new FairwayError("not_allowed_now", `nothing of ${run.id} was cut off, so nobody can say that it is done`, {
      hint: `try it again: fairway run retry ${run.id}`,
    });
  const result = { done_by: whoActs().name, done_because: note };
  await changeJob(tx, job, { state: "succeeded", reason: null, message: `done, says ${result.done_by}`, result });
  return job.name;
}

/**
 * A run that has ended holds no environment any more, and others may have changed it: what comes after a lock that must be
 * taken again is done again, whether it had succeeded or not.
 */
function withLocks(names: readonly string[], jobs: readonly JobStanding[]): ReadonlySet<string> {
  const again = new Set(names);
  for (const lock of jobs.filter((job) => job.stage === "lock" && isTerminal(job.state))) {
    const behind = jobsBehind(lock.name, jobs);
    if (!again.has(lock.name) && !behind.some((job) => again.has(job.name) || job.state === "pending")) continue;
    again.add(lock.name);
    for (const job of behind) again.add(job.name);
  }
  // A turn in a concurrency group ended with the run as well, but what came after it need not be done again.
  for (const turn of jobs.filter((job) => job.stage === "concurrency" && isTerminal(job.state)))
    if (jobsBehind(turn.name, jobs).some((job) => again.has(job.name) || job.state === "pending")) again.add(turn.name);
  return again;
}

/** What needs a job, or needs what does. */
function jobsBehind(name: string, jobs: readonly JobStanding[]): readonly JobStanding[] {
  const found = new Set([name]);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const job of jobs) if (job.needs.some((needed) => found.has(needed))) found.add(job.name);
  }
  return jobs.filter((job) => job.name !== name && found.has(job.name));
}

/** A person's word that an environment must not change. */
export interface LockWish {
  readonly by: string;
  readonly because: string;
  /** When it ends by itself, ISO 8601; null lasts until it is taken off. */
  readonly until?: string | null;
  /** In the place of somebody else's lock, which is taken off. */
  readonly steal?: boolean;
}

/**
 * Holds all deployments but rollbacks back from an environment, with the reason that they show. Whoever holds the lock may
 * put it on again, with other words or another end. Throws `locked` for somebody else's.
 */
export async function lockEnvironment(store: Store, environment: string, wish: LockWish): Promise<void> {
  const { by, because, until = null, steal = false } = wish;
  await store.transaction(async (tx) => {
    const before = await holdManualLock(tx, environment);
    if (before !== null && before.by !== by && !steal)
      throw new FairwayError("locked", `${environment} is locked by ${before.by} already: ${before.because}`, {
        hint: `since ${before.since}${before.until === null ? "" : `, until ${before.until}`}; to take it over: fairway lock ${environment} --steal --reason "…"`,
      });
    const stolen = before !== null && before.by !== by ? { stolenFrom: before.by } : {};
    recordChange(tx, "environment.locked", {
      subject: environment,
      environment,
      detail: { by, because, until, ...stolen },
    });
    for (const run of await lockByHand(tx, environment, { by, because, until }, { by, ...stolen }))
      tx.signal({ kind: "advance", run });
  });
}

/** Takes a person's lock off; somebody else's only with a reason, which is recorded. Throws `locked` without one. */
export async function unlockEnvironment(
  store: Store,
  environment: string,
  { by, because = null }: { readonly by: string; readonly because?: string | null },
): Promise<void> {
  await store.transaction(async (tx) => {
    const before = await holdManualLock(tx, environment);
    if (before === null) throw new FairwayError("not_allowed_now", `${environment} is not locked`);
    if (before.by !== by && because === null)
      throw new FairwayError("locked", `${environment} is locked by ${before.by}: ${before.because}`, {
        hint: `say why it may go: fairway unlock ${environment} --reason "…"`,
      });
    const recorded = { by, because, ...(before.by === by ? {} : { stolenFrom: before.by }) };
    recordChange(tx, "environment.unlocked", { subject: environment, environment, detail: recorded });
    for (const run of await lockByHand(tx, environment, null, recorded)) tx.signal({ kind: "advance", run });
  });
}
