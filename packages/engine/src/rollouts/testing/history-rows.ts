import type {
  CommitOrder,
  DeploymentEnd,
  DeploymentPlan,
  EndedJob,
  JobView,
  ReleaseId,
  RunId,
  State,
  Waiter,
} from "@fairway/core";
import { attentionAfter, deploymentEnd, isTerminal, nextMoves, overtakenBy, turnOf } from "@fairway/core";
import type { RunPlan } from "../../runs/stage.ts";
import type { LockRequest } from "../../store/environment-locks.ts";

/** A job of a deployment as a row. */
export interface RowJob extends JobView, EndedJob {
  state: State;
  reason: string | null;
  stop: EndedJob["stop"];
  ready: boolean;
  /** Grows with whoever takes the attempt. */
  epoch: number;
  readonly input: unknown;
}

/** The run of a deployment as a row. */
export interface RowRun {
  readonly id: RunId;
  readonly plan: DeploymentPlan;
  readonly jobs: readonly RowJob[];
  state: State;
  stopping: boolean;
  frozen: boolean;
  attention: { readonly why: string; readonly action: string } | null;
  /** What a person answered who was asked. */
  approved: boolean | null;
  from: ReleaseId | null;
  end: (DeploymentEnd & { readonly supersededBy: RunId | null }) | null;
}

/** A deployment that was carried through. */
interface Deployed {
  readonly run: RunId;
  readonly release: ReleaseId;
}

/** What is remembered, as the database has it: each method is one transaction, and a crash comes only between two. */
export class Rows {
  readonly runs: RowRun[] = [];
  readonly deployed: Deployed[] = [];
  /** In the order in which they ended, which is not that in which they came. */
  readonly ended: RowRun[] = [];
  holder: RunId | null = null;
  /** The deployment that began last: whoever acted before it is shut out. */
  begun: RunId | null = null;
  fence = 0;
  locked: { readonly by: string; readonly because: string } | null = null;
  waiters: Waiter[] = [];
  /** Runs to look at again; a signal may be lost, and the sweep finds them. */
  readonly signals: Set<RunId> = new Set();
  #place = 0;
  readonly #orderOf: (release: ReleaseId) => CommitOrder;

  constructor(orderOf: (release: ReleaseId) => CommitOrder) {
    this.#orderOf = orderOf;
  }

  get current(): ReleaseId | null {
    return this.deployed.at(-1)?.release ?? null;
  }

  run(id: RunId): RowRun {
    const run = this.runs.find((each) => each.id === id);
    if (run === undefined) throw new TypeError(`there is no ${id}`);
    return run;
  }

  start(plan: DeploymentPlan, planned: RunPlan): RowRun {
    const run: RowRun = {
      id: `run-${this.runs.length + 1}` as RunId,
      plan,
      jobs: planned.jobs.map(({ name, stage, needs, turn, input }) => ({
        name,
        stage,
        needs,
        turn,
        input,
        state: "pending",
        reason: null,
        stop: null,
        ready: false,
        epoch: 0,
      })),
      state: "running",
      stopping: false,
      frozen: false,
      attention: null,
      approved: null,
      from: null,
      end: null,
    };
    this.runs.push(run);
    this.advance(run);
    return run;
  }

  /** As the engine does it: what only waits may settle at once and give others their turn. */
  advance(run: RowRun): void {
    if (isTerminal(run.state)) return;
    if (run.frozen && this.holder === run.id && this.waiters.some(({ urgent }) => urgent)) {
      run.frozen = false;
      run.attention = null;
    }
    let moves = nextMoves(run.jobs, run.stopping);
    for (let again = true; again && moves.ended === null;) {
      again = false;
      for (const job of run.jobs) {
        const isDue =
          job.state === "waiting" || (!(job.state === "pending" && job.ready) && moves.ready.includes(job.name));
        if (!isDue) continue;
        this.#next(run, job);
        again ||= isTerminal(job.state);
      }
      moves = nextMoves(run.jobs, run.stopping);
    }
    if (moves.ended !== null) return this.#end(run, moves.ended);
    const isKept = run.frozen && run.jobs.some((job) => job.turn === "after-trouble" && job.state === "waiting");
    if (isKept) run.attention ??= { why: "kept as it is", action: "fairway stop test" };
    run.state = run.jobs.some((job) => job.state === "running" || job.ready) ? "running" : "waiting";
  }

  #next(run: RowRun, job: RowJob): void {
    if (job.turn === "after-trouble") {
      if (run.frozen) job.state = "waiting";
      else Object.assign(job, { state: "pending", ready: true });
    } else if (job.state === "waiting" && run.stopping) this.#settle(job, "aborted", "stopped");
    else if (job.stage === "approval") this.#judge(run, job);
    else if (job.stage === "lock") this.#lock(run, job);
    else job.ready = true;
  }

  #judge({ approved }: RowRun, job: RowJob): void {
    if (approved === null) job.state = "waiting";
    else this.#settle(job, approved ? "succeeded" : "failed", approved ? null : "somebody said no");
  }

  #lock(run: RowRun, job: RowJob): void {
    const asked = job.input as LockRequest;
    if (this.holder === run.id) return this.#settle(job, "succeeded", null);
    if (!this.waiters.some((waiter) => waiter.run === run.id))
      this.waiters.push({
        run: run.id,
        title: run.id,
        place: ++this.#place,
        urgent: asked.urgent,
        order: asked.order,
        yields: asked.yields,
        supersededBy: null,
      });
    const asker = (): Waiter => this.waiters.find((waiter) => waiter.run === run.id) as Waiter;
    for (const older of overtakenBy(asker(), this.waiters, asked.queue)) this.#makeWay(older, run.id);
    if (asked.urgent && this.holder !== null) this.signals.add(this.holder);
    const last = this.deployed.at(-1);
    const decision = turnOf(asker(), this.waiters, asked.queue, {
      environment: "test",
      holder: this.holder === null ? null : { run: this.holder, title: this.holder, since: "" },
      manual: this.locked,
      current: asked.yields && last !== undefined ? { run: last.run, order: this.#orderOf(last.release) } : null,
    });
    if (decision.turn === "later") job.state = "waiting";
    else if (decision.turn === "never") {
      this.#makeWay(run.id, decision.supersededBy);
      this.#settle(job, "aborted", `${decision.supersededBy} brings a newer commit`);
    } else {
      this.holder = run.id;
      this.fence++;
      this.waiters = this.waiters.filter((waiter) => waiter.run !== run.id);
      this.#settle(job, "succeeded", null);
    }
  }

  #makeWay(run: RunId, by: RunId): void {
    this.waiters = this.waiters.map((waiter) => (waiter.run === run ? { ...waiter, supersededBy: by } : waiter));
    this.signals.add(run);
  }

  #settle(job: RowJob, state: State, reason: string | null): void {
    Object.assign(job, { state, reason, ready: false });
  }

  #end(run: RowRun, state: State): void {
    const supersededBy = this.waiters.find((waiter) => waiter.run === run.id)?.supersededBy ?? null;
    const end = deploymentEnd(run.jobs, supersededBy !== null);
    const attention = attentionAfter(end, { environment: "test", from: run.from, run: run.id });
    if (attention !== null) run.attention = attention;
    run.end = { ...end, supersededBy };
    run.state = state;
    this.ended.push(run);
    this.waiters = this.waiters.filter((waiter) => waiter.run !== run.id);
    if (this.holder === run.id) this.holder = null;
    for (const { run: waiting } of this.waiters) this.signals.add(waiting);
  }

  /** A token's epoch for whoever executes the newest attempt of a job of the run that holds the environment. */
  drawFence(run: RunId, job: RowJob, epoch: number): number | null {
    if (this.holder !== run || job.epoch !== epoch || job.state !== "running") return null;
    return ++this.fence;
  }

  /** Records how an execution ended, if it is still the newest. */
  settle(
    run: RowRun,
    job: RowJob,
    epoch: number,
    outcome: "succeeded" | "failed" | "errored",
    reason: string,
  ): boolean {
    if (job.epoch !== epoch || job.state !== "running") return false;
    if (outcome === "succeeded") this.#settle(job, "succeeded", null);
    else if (job.stop === null) this.#settle(job, outcome, reason);
    else this.#settle(job, job.stop.cause === "cancelled" ? "aborted" : "errored", job.stop.cause);
    this.advance(run);
    return true;
  }

  carriedThrough(run: RowRun): void {
    if (this.deployed.at(-1)?.run !== run.id) this.deployed.push({ run: run.id, release: run.plan.release });
  }
}
