import type { ApprovalTerms, Digest, Millis, NextMoves, RunId, State } from "@fairway/core";
import { approvalGate, isOverridden, isTerminal, nextMoves } from "@fairway/core";
import { recordChange } from "../store/audit.ts";
import { deploymentSubject } from "../store/deployment-ends.ts";
import type { LockRequest } from "../store/environment-locks.ts";
import { leaveEnvironments, urgentlyWantedBy } from "../store/environment-queue.ts";
import { takeEnvironment } from "../store/environment-locks.ts";
import type { TurnRequest } from "../store/concurrency-turns.ts";
import { leaveTurns, takeTurn } from "../store/concurrency-turns.ts";
import { freezeOverrides } from "../store/freeze-overrides.ts";
import { gatesOf, openGate } from "../store/gates.ts";
import type { HeldJob, JobChange, JobStanding } from "../store/jobs.ts";
import { changeJob, jobsOfHeldRun } from "../store/jobs.ts";
import type { Run } from "../store/runs.ts";
import { changeRun, holdRun, pausedWords } from "../store/runs.ts";
import type { Store, Transaction } from "../store/store.ts";
import type { Attention } from "./stage.ts";
import { recordEndOf } from "./ending-runs.ts";
import { decideJobs } from "./growing-runs.ts";
import { leaveEndedTurns, makeWay } from "./make-way.ts";
import { stoppedReason, stopRun } from "./stop-run.ts";

/** Takes a run as far as it goes now. Safe at any time and any number of times: it looks at the rows and nothing else. */
export const advanceRun = (store: Store, id: RunId): Promise<Run> => store.transaction(async (tx) => advance(tx, id));

/** The same as a part of a transaction that changed the run, and may hold it already. */
export async function advance(tx: Transaction, id: RunId, held?: Held): Promise<Run> {
  const given = held?.run ?? (await holdRun(tx, id));
  if (isTerminal(given.state)) return given;
  const left = await makeWay(tx, given, held?.jobs ?? (await jobsOfHeldRun(tx, id)));
  const { run, jobs: found } = await thawed(tx, left);
  let jobs = await decideJobs(tx, run, found);
  let moves = nextMoves(jobs, run.stopping);
  // What only waits may settle at once and give others their turn.
  for (let again = true; again && moves.ended === null;) {
    again = false;
    for (const job of jobs.filter((candidate) => isDue(candidate, moves))) {
      const change = await nextFor(tx, run, job);
      if (change === undefined) continue;
      const changed = await changeJob(tx, job, change);
      jobs = jobs.map((other) => (other.name === job.name ? { ...other, ...changed } : other));
      again ||= isTerminal(changed.state);
    }
    moves = nextMoves(jobs, run.stopping);
  }
  await leaveEndedTurns(tx, run, jobs);
  if (jobs.some(isClaimable)) tx.signal({ kind: "ready" });
  return moves.ended === null ? settleState(tx, run, jobs) : end(tx, run, jobs, moves.ended);
}

/** What a person kept as it is, half-way, or paused, does not stand in the way of a way back. */
async function thawed(tx: Transaction, held: Held): Promise<Held> {
  const { run, jobs } = held;
  if (!run.frozen && run.paused === null) return held;
  const back = await urgentlyWantedBy(tx, run.id);
  if (back === null) return held;
  // No deadline ends what is paused, and whoever was to stop it may have been killed before.
  if (run.paused !== null) {
    const stopped = await stopRun(tx, run, { by: back.by, keep: false });
    const { environment = null } = deploymentSubject(run) ?? {};
    const detail = { by: back.by, keep: false, force: false };
    recordChange(tx, "run.stopped", { subject: run.id, environment, detail });
    return { run: stopped, jobs: await jobsOfHeldRun(tx, run.id) };
  }
  return { run: await changeRun(tx, run.id, { frozen: false, attention: null }), jobs };
}

interface Held {
  readonly run: Run;
  readonly jobs: readonly HeldJob[];
}

const isClaimable = (job: JobStanding): boolean => job.state === "pending" && job.readyAt !== null;

const isDue = (job: JobStanding, moves: NextMoves): boolean =>
  job.state === "waiting" || (!isClaimable(job) && job.stage !== "planned" && moves.ready.includes(job.name));

/** What becomes of a job whose turn has come, or that waits; undefined when nothing does. */
async function nextFor(tx: Transaction, run: Run, job: HeldJob): Promise<JobChange | undefined> {
  if (isHeld(run, job)) return heldBy(run, job);
  if (job.turn === "after-trouble") return putRight(run, job);
  if (job.state === "waiting" && run.stopping)
    return { state: "aborted", reason: stoppedReason(run), message: null, ended: true };
  const change: JobChange = await (job.stage === "approval"
    ? judge(tx, job, run.terms)
    : job.stage === "lock"
      ? lock(tx, job)
      : job.stage === "notice"
        ? untilTold(tx, run, job)
        : job.stage === "concurrency"
          ? queue(tx, job)
          : { ready: true });
  // A wait that goes on is told only when its words have changed.
  if (job.state === "waiting" && change.state === "waiting")
    return change.message === job.message ? undefined : { message: change.message ?? null };
  return job.state === "pending" && change.state !== undefined ? { ...change, began: true } : change;
}

/** While somebody holds a run where it is, people may still answer, and what was announced stays announced. */
const isHeld = ({ paused, stopping }: Run, { stage }: HeldJob): boolean =>
  paused !== null && !stopping && stage !== "approval" && stage !== "notice";

function heldBy({ paused }: Run, { state, message }: HeldJob): JobChange | undefined {
  const words = paused && pausedWords(paused);
  return state === "waiting" && message !== words ? { message: words } : undefined;
}

/** What puts things right has its turn, unless somebody wants what is half done left so. */
function putRight({ frozen, stoppedBy }: Run, { state }: HeldJob): JobChange | undefined {
  if (!frozen) return { state: "pending", ready: true, message: null };
  return state === "waiting"
    ? undefined
    : { state: "waiting", message: `${stoppedBy ?? "somebody"} keeps it as it is` };
}

async function judge(tx: Transaction, job: HeldJob, terms: ApprovalTerms): Promise<JobChange> {
  const { needed, digest } = job.waitsFor as unknown as { readonly needed: number; readonly digest: Digest };
  await openGate(tx, job.run, { job: job.name, attempt: job.attempt, needed, digest });
  const gate = (await gatesOf(tx, job.run)).find((each) => each.job === job.name && each.attempt === job.attempt);
  const answers = gate?.answers ?? [];
  const answer = approvalGate(needed, digest, answers, terms);
  switch (answer.gate) {
    case "open": {
      const { by, since } = answer;
      const until = since === null || terms.expires === undefined ? null : Date.parse(since) + terms.expires;
      return {
        state: "succeeded",
        result: { by: [...by], until },
        message: by.length > 0 ? `approved by ${by.join(", ")}` : null,
        ended: true,
      };
    }
    case "closed":
      return { state: "failed", reason: answer.reason, message: null, ended: true };
    case "waiting":
      return { state: "waiting", message: `waits until ${answer.until}` };
  }
}

/** A deployment that has been asked for so long ago goes on, or one that two people let through. */
async function untilTold(tx: Transaction, { id, createdAt }: Run, job: HeldJob): Promise<JobChange> {
  const { notice } = job.waitsFor as unknown as { readonly notice: Millis };
  const begins = Date.parse(createdAt) + notice;
  if (Date.now() >= begins) return { state: "succeeded", result: null, message: "was announced in time", ended: true };
  const overrides = await freezeOverrides(tx, id);
  return isOverridden(overrides)
    ? {
        state: "succeeded",
        result: null,
        message: `its notice was cut short by ${overrides.map(({ by }) => by).join(" and ")}`,
        ended: true,
      }
    : { state: "waiting", message: `waits until ${new Date(begins).toISOString()}: its notice runs till then` };
}

const plainRequest = { urgent: false, queue: "all", order: null, yields: false } as const;

async function lock(tx: Transaction, job: HeldJob): Promise<JobChange> {
  // Runs that were planned before there were rules say no more than the environment.
  const { environment, ...asked } = job.waitsFor as unknown as Partial<LockRequest> & Pick<LockRequest, "environment">;
  const taking = await takeEnvironment(tx, job.run, { ...plainRequest, ...asked, environment });
  if (taking.taken)
    return {
      state: "succeeded",
      result: { environment, fence: taking.fence },
      message: `holds ${environment}`,
      ended: true,
    };
  return "until" in taking
    ? { state: "waiting", message: taking.until }
    : { state: "aborted", reason: `${taking.supersededBy} brings a newer commit`, message: null, ended: true };
}

async function queue(tx: Transaction, job: HeldJob): Promise<JobChange> {
  const asked = job.waitsFor as unknown as TurnRequest;
  const taking = await takeTurn(tx, job.run, job.name, asked);
  if (taking.taken)
    return { state: "succeeded", result: null, message: `has its turn in the group ${asked.group}`, ended: true };
  return "until" in taking
    ? { state: "waiting", message: taking.until }
    : { state: "aborted", reason: `${taking.supersededBy} came later in the same group`, message: null, ended: true };
}

function stateOf({ paused }: Run, jobs: readonly JobStanding[]): State {
  if (jobs.some((job) => job.state === "running" || isClaimable(job))) return "running";
  if (paused !== null) return "waiting";
  return jobs.some((job) => job.state === "waiting") ? "waiting" : "running";
}

async function settleState(tx: Transaction, run: Run, jobs: readonly JobStanding[]): Promise<Run> {
  const state = stateOf(run, jobs);
  const isKept = run.frozen && jobs.some((job) => job.turn === "after-trouble" && job.state === "waiting");
  const attention = isKept && run.attention === null ? keptAttention(run) : undefined;
  if (run.state === state && attention === undefined) return run;
  return changeRun(tx, run.id, { state, began: true, ...(attention === undefined ? {} : { attention }) });
}

function keptAttention(run: Run): Attention {
  const { environment } = run.subject as { readonly environment?: string };
  return {
    why: `${run.stoppedBy ?? "somebody"} stopped it half-way and keeps ${environment ?? "what it changed"} as it is`,
    action: `bring back what ran before: fairway stop ${environment ?? run.id}`,
  };
}

/**
 * No attempt of the run is alive: a job is settled only when its attempt has truly ended. So the environment can be given
 * to the next in the same breath.
 */
async function end(tx: Transaction, run: Run, jobs: readonly HeldJob[], state: State): Promise<Run> {
  const attention = await recordEndOf(tx, run, jobs);
  await leaveTurns(tx, run.id);
  for (const next of await leaveEnvironments(tx, run.id)) tx.signal({ kind: "advance", run: next });
  tx.signal({ kind: "ended", run: run.id });
  const held = run.paused === null ? {} : { paused: null };
  return changeRun(tx, run.id, {
    state,
    began: true,
    ended: true,
    ...held,
    ...(attention === null ? {} : { attention }),
  });
}
