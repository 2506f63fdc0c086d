import type { AttemptId, Millis } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { Executions, Interpret } from "../durable/executions.ts";
import type { Job, JobRow } from "../store/jobs.ts";
import { attemptOf, jobOf, jobColumns, jobsOf, partsOf, resultsFor } from "../store/jobs.ts";
import { drawFence } from "../store/environment-locks.ts";
import { forgetEvents } from "../store/events.ts";
import { openRuns } from "../store/runs.ts";
import type { Signal, Store } from "../store/store.ts";
import { untilAnswered } from "../store/store.ts";
import type { Worker as WorkerRow } from "../store/workers.ts";
import {
  adopt,
  beat,
  claimJobs,
  enterWorker,
  handOverAbandoned,
  leaveWorkers,
  otherWorkers,
  releaseLost,
  takeFromDead,
} from "../store/workers.ts";
import { advanceRun } from "./advance.ts";
import type { Recorder } from "./attempt.ts";
import { attemptIn, mustLetGo, never } from "./attempt.ts";
import { ClockWatch, enforceDeadlines, moveDeadlines, stopError } from "./deadlines.ts";
import { Journal } from "./journal.ts";
import type { LeaseTimes } from "./lease.ts";
import { isGone, Lease, Observer, thisWorker } from "./lease.ts";
import type { Ending } from "./settle.ts";
import { errored, giveUp, settle } from "./settle.ts";
import type { Json, Stage } from "./stage.ts";

export interface WorkerOptions {
  readonly store: Store;
  readonly stages: readonly Stage[];
  /** How many attempts this process executes at a time. */
  readonly capacity: number;
  readonly times: LeaseTimes;
  /** After how many crashes an attempt is not tried again. */
  readonly quarantineAfter: number;
  readonly openExecutions: (worker: string, interpret: Interpret) => Promise<Executions>;
  /** Whether what a recorder threw means that the stage asks for other steps than those on record. */
  readonly isOtherStep: (thrown: unknown) => boolean;
  /** This process was held for dead and another has taken its place: its owner must end it. */
  readonly onLost: (error: FairwayError) => void;
  readonly log: (level: "debug" | "info" | "warn" | "error", message: string) => void;
}

/** An attempt that this process executes. */
interface Live {
  readonly job: Job;
  readonly abort: AbortController;
  begun: boolean;
  deadline?: NodeJS.Timeout;
}

const longestTimer: Millis = 2 ** 31 - 1;
const keptEvents = 100_000;
const sweepEvery = 10;

/**
 * One process's part in executing jobs: it claims what is ready, executes it, says that it lives, watches the others and
 * takes over from those that died. All of it looks at rows and may be done at any time; signals only make it soon.
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #me: WorkerRow = thisWorker();
  readonly #stages: ReadonlyMap<string, Stage>;
  readonly #live = new Map<AttemptId, Live>();
  readonly #closing = new AbortController();
  readonly #lease: Lease;
  readonly #observer: Observer;
  readonly #clock = new ClockWatch();
  readonly #journal: Journal;
  readonly #timers: NodeJS.Timeout[] = [];
  /** What is taken is ours in the database a moment before it is in `#live`; nobody may compare the two meanwhile. */
  readonly #taking = new Turns();
  readonly #claim: () => Promise<void>;
  readonly #look: () => Promise<void>;
  readonly #heed: () => Promise<void>;
  readonly #watch: () => Promise<void>;
  readonly #beat: () => Promise<void>;
  #executions: Executions | undefined;
  #looks = 0;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#stages = new Map(options.stages.map((stage) => [stage.name, stage]));
    this.#lease = new Lease(options.times.lease);
    this.#observer = new Observer(options.times);
    this.#journal = new Journal(options.store, this.#closing.signal);
    this.#claim = this.#oneAtATime("claim jobs", () => this.#claimAll());
    this.#look = this.#oneAtATime("look around", () => this.#lookAround());
    this.#heed = this.#oneAtATime("heed what must stop", () => this.#heedStops());
    this.#watch = this.#oneAtATime("watch the other workers", () => this.#bury());
    this.#beat = this.#oneAtATime("say that it lives", () => this.#sayAlive());
  }

  get id(): string {
    return this.#me.id;
  }

  async open(): Promise<void> {
    await enterWorker(this.#options.store, this.#me);
    await this.#sayAlive();
    const { heartbeat } = this.#options.times;
    this.#timers.push(setInterval(() => void this.#beat(), heartbeat));
    this.#executions = await this.#options.openExecutions(this.#me.id, (id, record) => this.#interpret(id, record));
    this.#timers.push(setInterval(() => void this.#look(), heartbeat));
    // Watching costs one small question; how often decides how soon after its lease a dead worker is replaced.
    this.#timers.push(setInterval(() => void this.#watch(), heartbeat / 6));
    await this.#look();
  }

  /** Does soon what a signal, of this process or another, says that there is to do. */
  hear({ kind, run }: Signal): void {
    if (kind === "ready") void this.#claim();
    if (kind === "stop") void this.#heed();
    if (kind === "advance" && run !== undefined)
      void this.#attempt(`advance ${run}`, async () => void (await advanceRun(this.#options.store, run as Job["run"])));
  }

  /** Looks at everything once: signals may have been missed. */
  lookAgain(): void {
    this.#looks = 0;
    void this.#beat();
    void this.#look();
  }

  /** Begins nothing more and lets go of what runs; another worker, or the next daemon, goes on with it. */
  async close(): Promise<void> {
    const { store, log } = this.#options;
    this.#letAllGo("this process closes");
    this.#closing.abort();
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([this.#claim(), this.#look(), this.#heed(), this.#watch(), this.#beat()]);
    try {
      await this.#journal.flush();
      await this.#executions?.close();
      await leaveWorkers(store, this.#me.id);
    } catch (thrown) {
      // Whoever comes next finds that this process is gone.
      log("warn", `left without saying so: ${messageOf(thrown)}`);
    }
  }

  async #sayAlive(): Promise<void> {
    const { store } = this.#options;
    if (this.#lease.lost) return;
    const sentAt = performance.now();
    const answer = await beat(store, this.#me.id);
    if (answer === undefined) return this.#loseLease();
    this.#lease.renewed(sentAt);
    const jump = this.#clock.jump(answer.now);
    if (jump !== 0) await moveDeadlines(store, this.#me.id, jump);
  }

  #loseLease(): void {
    this.#lease.lose();
    const lost = new FairwayError(
      "fenced",
      "this process was silent for so long that another has taken its work over",
      {
        hint: "start it again",
      },
    );
    this.#letAllGo(lost.message);
    this.#options.onLost(lost);
  }

  #letAllGo(why: string): void {
    for (const id of [...this.#live.keys()]) this.#letGo(id, why);
  }

  #letGo(id: AttemptId, why: string): void {
    const live = this.#live.get(id);
    this.#live.delete(id);
    clearTimeout(live?.deadline);
    live?.abort.abort(new FairwayError("fenced", `${id} goes on elsewhere: ${why}`));
  }

  async #claimAll(): Promise<void> {
    for (;;) {
      const free = this.#options.capacity - this.#live.size;
      if (free <= 0 || this.#idle()) return;
      const claimed = await this.#taking.run(async () => {
        const jobs = await claimJobs(this.#options.store, this.#me.id, free);
        for (const job of jobs) this.#execute(job);
        return jobs.length;
      });
      if (claimed < free) return;
    }
  }

  #idle(): boolean {
    return this.#closing.signal.aborted || this.#lease.lost || this.#executions === undefined;
  }

  #execute(job: Job): void {
    const id = attemptOf(job);
    this.#enter(job, false);
    this.#executions?.begin(id).catch((thrown: unknown) => {
      this.#options.log("warn", `could not begin ${id}, it will be begun again: ${messageOf(thrown)}`);
      this.#letGo(id, "it could not be begun");
    });
  }

  #enter(job: Job, begun: boolean): Live {
    const live: Live = { job, abort: new AbortController(), begun };
    this.#live.set(attemptOf(job), live);
    if (job.timeout > 0 && !begun)
      live.deadline = setTimeout(
        () => void this.#attempt("enforce deadlines", () => enforceDeadlines(this.#options.store)),
        Math.min(job.timeout + 5, longestTimer),
      );
    if (job.stop !== null) live.abort.abort(stopError(job.stop));
    return live;
  }

  /** Executes an attempt. It returns only when nothing is left to do; an execution that was let go of never does. */
  async #interpret(id: AttemptId, record: Recorder): Promise<void> {
    const { store, log } = this.#options;
    try {
      const live = await this.#take(id);
      if (live === "settled") return;
      if (live === "taken") return await never();
      const { signal } = live.abort;
      const ending = await this.#endingOf(id, live, record);
      if (mustLetGo(signal)) return await never();
      await this.#journal.flush();
      // It was taken over: the record of this execution must not end, or nobody could go on from it.
      if (!(await untilAnswered(() => settle(store, live.job, ending), this.#closing.signal))) return await never();
      clearTimeout(live.deadline);
      this.#live.delete(id);
      void this.#claim();
    } catch (thrown) {
      // The database took it wrongly or we close: the attempt is still running by its row, and is resumed.
      log("warn", `let go of ${id}: ${messageOf(thrown)}`);
      this.#letGo(id, messageOf(thrown));
      await never();
    }
  }

  /** The attempt as this process's own, unless it has ended or is another's. */
  async #take(id: AttemptId): Promise<Live | "settled" | "taken"> {
    const claimed = this.#live.get(id);
    if (claimed !== undefined && !claimed.begun) {
      claimed.begun = true;
      return claimed;
    }
    const { store } = this.#options;
    return this.#taking.run(async () => {
      const adoption = await untilAnswered(() => adopt(store, this.#me.id, partsOf(id)), this.#closing.signal);
      return adoption.found === "ours" ? this.#enter(adoption.job, true) : adoption.found;
    });
  }

  async #endingOf(id: AttemptId, live: Live, record: Recorder): Promise<Ending> {
    const { job, abort } = live;
    const stage = this.#stages.get(job.stage);
    if (stage === undefined)
      return {
        outcome: "errored",
        reason: `this Fairway has no stage "${job.stage}"; it has ${[...this.#stages.keys()].join(", ")}`,
      };
    const started = new Map<number, string>();
    const attempt = attemptIn({
      id,
      run: job.run,
      job: job.name,
      input: job.input,
      results: await this.#resultsFor(job),
      signal: abort.signal,
      resumed: job.epoch > 1,
      record: (name, work) => this.#recorded(id, record, name, work),
      mayBegin: () => this.#lease.mayBegin(),
      token: (scope) => this.#token(id, job, scope),
      progress: (message) => this.#journal.say({ run: job.run, job: job.name, epoch: job.epoch, message }),
      see: ({ seq, name, state, message }) => {
        const now = new Date().toISOString();
        const startedAt = started.get(seq) ?? now;
        started.set(seq, startedAt);
        const { run, attempt: number, epoch } = job;
        this.#journal.see({
          run,
          job: job.name,
          attempt: number,
          epoch,
          seq,
          name,
          state,
          message,
          startedAt,
          endedAt: state === "running" ? null : now,
        });
      },
    });
    try {
      return await stage.run(attempt);
    } catch (thrown) {
      return errored(thrown);
    }
  }

  async #resultsFor(job: Job): Promise<ReadonlyMap<string, Json>> {
    if (job.needs.length === 0) return new Map();
    return resultsFor(job.name, await untilAnswered(() => jobsOf(this.#options.store, job.run), this.#closing.signal));
  }

  /** The recorder throws only when it cannot record; work that cannot be done is recorded as a value. */
  async #recorded(id: AttemptId, record: Recorder, name: string, work: Parameters<Recorder>[1]): ReturnType<Recorder> {
    try {
      return await record(name, work);
    } catch (thrown) {
      if (this.#options.isOtherStep(thrown))
        throw new FairwayError(
          "internal",
          `${id} was begun by a Fairway whose stage had other steps: ${messageOf(thrown)}`,
          {
            hint: "retry the run",
          },
        );
      this.#options.log("warn", `could not record "${name}" of ${id}: ${messageOf(thrown)}`);
      this.#letGo(id, "its steps cannot be recorded here");
      return never();
    }
  }

  async #token(id: AttemptId, job: Job, scope: string): ReturnType<ReturnType<typeof attemptIn>["token"]> {
    const environment = scope.split("/")[0] ?? scope;
    await this.#lease.mayBegin();
    const epoch = await untilAnswered(
      () =>
        drawFence(this.#options.store, job.run, environment, { job: job.name, attempt: job.attempt, epoch: job.epoch }),
      this.#closing.signal,
    );
    if (epoch === undefined)
      throw new FairwayError("fenced", `${id} may not act on ${scope}: its run does not hold ${environment}`);
    return { scope, epoch, holder: id };
  }

  /** Lets attempts know that they must stop. */
  async #heedStops(): Promise<void> {
    if (this.#live.size === 0) return;
    const found = await this.#options.store.rows<JobRow>(
      `select ${jobColumns} from fairway.jobs j where claimed_by = $1 and state = 'running' and stop is not null`,
      [this.#me.id],
    );
    for (const job of found.map(jobOf)) {
      const live = this.#live.get(attemptOf(job));
      if (live !== undefined && job.stop !== null && !live.abort.signal.aborted) live.abort.abort(stopError(job.stop));
    }
  }

  async #lookAround(): Promise<void> {
    if (this.#idle()) return;
    const { store } = this.#options;
    await this.#watch();
    await this.#taking.run(() =>
      releaseLost(
        store,
        this.#me.id,
        [...this.#live.values()].map(({ job }) => job),
      ),
    );
    await this.#handOver();
    await enforceDeadlines(store);
    await this.#heedStops();
    if (this.#looks++ % sweepEvery === 0) await this.#sweep();
    void this.#claim();
  }

  async #bury(): Promise<void> {
    if (this.#idle()) return;
    const { store, quarantineAfter, log } = this.#options;
    const others = await otherWorkers(store, this.#me.id);
    const dead = new Set([...this.#observer.dead(others), ...others.filter(isGone)]);
    for (const worker of dead) {
      const left = await takeFromDead(store, worker.id);
      log("warn", `took ${left.length} attempts over from ${worker.id}`);
      for (const { job, crashes } of left)
        if (crashes >= quarantineAfter)
          await giveUp(
            store,
            job,
            `it was in flight each time that Fairway crashed, ${crashes} times without getting further`,
            {
              why: `${job.name} is suspected of crashing Fairway: it was in flight ${crashes} times in a row`,
              action: `look at its log, then retry it: fairway runs retry ${job.run}`,
            },
          );
    }
    if (dead.size > 0) await this.#handOver();
  }

  async #handOver(): Promise<void> {
    const gone: Job[] = [];
    await handOverAbandoned(this.#options.store, async (job) => {
      if ((await this.#executions?.resume(attemptOf(job))) === "gone") gone.push(job);
    });
    for (const job of gone)
      await giveUp(this.#options.store, job, "it ended without saying how", {
        why: `${job.name} ended without saying how`,
        action: `retry it: fairway runs retry ${job.run}`,
      });
  }

  async #sweep(): Promise<void> {
    const { store } = this.#options;
    for (const run of await openRuns(store)) await advanceRun(store, run);
    while (((await this.#executions?.forgetEnded()) ?? 0) >= 500);
    await forgetEvents(store, keptEvents);
  }

  /** Does it once more afterwards when it was asked for meanwhile, so that nothing asked for is missed. */
  #oneAtATime(what: string, work: () => Promise<void>): () => Promise<void> {
    let running: Promise<void> | undefined;
    let again = false;
    return () => {
      again = true;
      running ??= (async () => {
        while (again) {
          again = false;
          if (!this.#closing.signal.aborted) await this.#attempt(what, work);
        }
      })().finally(() => (running = undefined));
      return running;
    };
  }

  /** What fails because the database is away is done at the next heartbeat. */
  async #attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      if (!this.#closing.signal.aborted) this.#options.log("warn", `could not ${what}: ${messageOf(thrown)}`);
    }
  }
}

/** Lets one thing be done after another. */
class Turns {
  #last: Promise<unknown> = Promise.resolve();

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => {});
    return turn;
  }
}
