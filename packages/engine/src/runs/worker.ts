import type { FairwayError, Millis } from "@fairway/core";
import { FairwayError as Failure, messageOf } from "@fairway/core";
import type { Executions, Interpret } from "../durable/executions.ts";
import { forgetEvents } from "../store/events.ts";
import type { Job } from "../store/jobs.ts";
import { attemptOf, jobsToStop } from "../store/jobs.ts";
import { openRuns } from "../store/runs.ts";
import type { Signal, Store } from "../store/store.ts";
import type { NarrowStage, Suspicion, Worker as WorkerRow } from "../store/workers.ts";
import {
  beat,
  claimJobs,
  confessFault,
  enterWorker,
  handOverAbandoned,
  leaveWorkers,
  lookAround,
  otherWorkers,
  releaseLost,
  takeFromDead,
} from "../store/workers.ts";
import { advanceRun } from "./advance.ts";
import { ClockWatch, enforceDeadlines, moveDeadlines } from "./deadlines.ts";
import { Interpreter } from "./interpreter.ts";
import { Journal } from "./journal.ts";
import type { LeaseTimes } from "./lease.ts";
import { isGone, Lease, Observer, thisWorker } from "./lease.ts";
import { LiveAttempts } from "./live-attempts.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { giveUp } from "./settle.ts";
import type { Parting } from "./parting.ts";
import type { Stage } from "./stage.ts";

export interface WorkerOptions {
  readonly store: Store;
  readonly stages: readonly Stage[];
  /** How many attempts this process executes at a time. */
  readonly capacity: number;
  /** Of this stage it executes fewer: its jobs keep the processors busy. */
  readonly narrow?: { readonly stage: string; readonly most: number } | undefined;
  readonly times: LeaseTimes;
  readonly openExecutions: (worker: string, interpret: Interpret) => Promise<Executions>;
  /** Whether what a recorder threw means that the stage asks for other steps than those on record. */
  readonly isOtherStep: (thrown: unknown) => boolean;
  /** This process was held for dead and another has taken its place: its owner must end it. */
  readonly onLost: (error: FairwayError) => void;
  readonly log: (level: "debug" | "info" | "warn" | "error", message: string) => void;
}

/**
 * An attempt is not tried again after three deaths of their own fault that it was in, or 24 that nobody can explain: a
 * person who kills the daemon again and again during one long step must not lose that step.
 */
const weight: Suspicion = { ofFault: 8, ofDeath: 1 };
const quarantineAt = 24;

const keptEvents = 100_000;
/** In looks around. */
const sweepEvery = 10;

/**
 * One process's part in executing jobs: it claims what is ready, says that it lives, watches the others and takes over
 * from those that died. All of it looks at rows and may be done at any time; signals only make it soon.
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #me: WorkerRow = thisWorker();
  readonly #closing = new AbortController();
  readonly #lease: Lease;
  readonly #observer: Observer;
  readonly #clock = new ClockWatch();
  readonly #journal: Journal;
  readonly #live: LiveAttempts;
  readonly #interpreter: Interpreter;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #claim: () => Promise<void> = this.#chore("claim jobs", () => this.#claimAll());
  readonly #look: () => Promise<void> = this.#chore("look around", () => this.#lookAround());
  readonly #heed: () => Promise<void> = this.#chore("heed what must stop", () => this.#heedStops());
  readonly #watch: () => Promise<void> = this.#chore("watch the other workers", () => this.#bury());
  readonly #beat: () => Promise<void> = this.#chore("say that it lives", () => this.#sayAlive());
  #executions: Executions | undefined;
  #looks = 0;
  /** Workers beside this one, when they were watched last. */
  #others = 0;

  constructor(options: WorkerOptions) {
    const { store, stages, times, isOtherStep, log } = options;
    this.#options = options;
    this.#lease = new Lease(times.lease);
    this.#observer = new Observer(times);
    this.#journal = new Journal(store, this.#closing.signal);
    const enforce = this.#chore("enforce deadlines", () => enforceDeadlines(store));
    this.#live = new LiveAttempts(() => void enforce());
    this.#interpreter = new Interpreter({
      store,
      isOtherStep,
      log,
      worker: this.#me.id,
      stages: new Map(stages.map((stage) => [stage.name, stage])),
      live: this.#live,
      lease: this.#lease,
      journal: this.#journal,
      closing: this.#closing.signal,
      onRoom: () => void this.#claim(),
    });
  }

  get id(): string {
    return this.#me.id;
  }

  async open(): Promise<void> {
    const { heartbeat } = this.#options.times;
    await enterWorker(this.#options.store, this.#me);
    await this.#sayAlive();
    this.#every(heartbeat, this.#beat);
    try {
      this.#executions = await this.#options.openExecutions(this.#me.id, (id, record) =>
        this.#interpreter.interpret(id, record),
      );
    } catch (thrown) {
      await this.close();
      throw thrown;
    }
    this.#every(heartbeat, this.#look);
    // How often decides how soon after its lease a dead worker is replaced. Where there is no other nobody is watched: one that
    // comes says so, and if that is lost it is seen at the next look around.
    this.#every(heartbeat / 6, async () => {
      if (this.#others > 0) await this.#watch();
    });
    await this.#look();
  }

  /** Does soon what a signal, of this process or another, says that there is to do. */
  hear({ kind, run }: Signal): void {
    if (kind === "ready") void this.#claim();
    if (kind === "stop") void this.#heed();
    if (kind === "workers") void this.#watch();
    if (kind === "advance" && run !== undefined)
      void this.#tried(`advance ${run}`, async () => void (await advanceRun(this.#options.store, run as Job["run"])));
  }

  /** Looks at everything once: signals may have been missed. */
  lookAgain(): void {
    this.#looks = 0;
    void this.#beat();
    void this.#look();
  }

  /** Says that this process is about to die of its own fault. */
  async confess(fault: string): Promise<void> {
    await confessFault(this.#options.store, this.#me.id, fault);
  }

  /** Begins nothing more and lets go of what runs; another worker, or the next daemon, goes on with it. */
  async close(how: Parting = "the rest goes on"): Promise<void> {
    this.#live.letAllGo("this process closes");
    this.#closing.abort();
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([this.#claim(), this.#look(), this.#heed(), this.#watch(), this.#beat()]);
    try {
      await this.#journal.flush();
      await this.#executions?.close();
      await leaveWorkers(this.#options.store, this.#me.id, how === "all ends");
    } catch (thrown) {
      // Whoever comes next finds that this process is gone.
      this.#options.log("warn", `left without saying so: ${messageOf(thrown)}`);
    }
  }

  #every(time: Millis, chore: () => Promise<void>): void {
    this.#timers.push(setInterval(() => void chore(), time));
  }

  get #isIdle(): boolean {
    return this.#closing.signal.aborted || this.#lease.lost || this.#executions === undefined;
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
    const lost = new Failure("fenced", "this process was silent for so long that another has taken its work over", {
      hint: "start it again",
    });
    this.#live.letAllGo(lost.message);
    this.#options.onLost(lost);
  }

  async #claimAll(): Promise<void> {
    for (;;) {
      const free = this.#options.capacity - this.#live.size;
      if (free <= 0 || this.#isIdle) return;
      const claimed = await this.#live.taking.run(async () => {
        const jobs = await claimJobs(this.#options.store, this.#me.id, free, this.#narrow);
        for (const job of jobs) this.#begin(job);
        return jobs.length;
      });
      if (claimed < free) return;
    }
  }

  get #narrow(): NarrowStage | undefined {
    const { narrow } = this.#options;
    if (narrow === undefined) return undefined;
    const under = this.#live.jobs.filter(({ stage }) => stage === narrow.stage).length;
    return { stage: narrow.stage, room: narrow.most - under };
  }

  #begin(job: Job): void {
    const id = attemptOf(job);
    this.#live.enter(job, "claimed");
    this.#executions?.begin(id).catch((thrown: unknown) => {
      this.#options.log("warn", `could not begin ${id}, it will be begun again: ${messageOf(thrown)}`);
      this.#live.letGo(id, "it could not be begun");
    });
  }

  /** Lets attempts know that they must stop. */
  async #heedStops(): Promise<void> {
    if (this.#live.size === 0) return;
    for (const job of await jobsToStop(this.#options.store, this.#me.id))
      if (job.stop !== null) this.#live.stop(job, job.stop);
  }

  async #lookAround(): Promise<void> {
    if (this.#isIdle) return;
    const { store } = this.#options;
    await this.#watch();
    const found = await lookAround(store, this.#me.id, this.#live.jobs);
    // What was just claimed is not known here yet: the look again while nothing is taken decides.
    if (found.lost) await this.#live.taking.run(() => releaseLost(store, this.#me.id, this.#live.jobs));
    if (found.lost || found.abandoned) await this.#handOver();
    if (found.late) await enforceDeadlines(store);
    await this.#heedStops();
    if (this.#looks++ % sweepEvery === 0) await this.#sweep();
    if (found.ready) void this.#claim();
  }

  async #bury(): Promise<void> {
    if (this.#isIdle) return;
    const { store, log } = this.#options;
    const others = await otherWorkers(store, this.#me.id);
    this.#others = others.length;
    const dead = new Set([...this.#observer.dead(others), ...others.filter(isGone)]);
    for (const worker of dead) {
      const left = await takeFromDead(store, worker.id, weight);
      // That a daemon which had nothing to do is gone is no news: it was told to end, or the machine was restarted.
      const message = `took ${left.length} attempts over from ${worker.id}`;
      log(left.length > 0 ? "warn" : "debug", message);
      for (const { job, suspicion } of left)
        if (suspicion >= quarantineAt)
          await giveUp(store, job, "it was in flight each time that Fairway crashed, without getting further", {
            why: `${job.name} is suspected of crashing Fairway: it was in flight each time`,
            action: `look at its log, then retry it: fairway run retry ${job.run}`,
          });
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
        action: `retry it: fairway run retry ${job.run}`,
      });
  }

  async #sweep(): Promise<void> {
    const { store } = this.#options;
    for (const run of await openRuns(store)) await advanceRun(store, run);
    await this.#executions?.forgetEnded();
    await forgetEvents(store, keptEvents);
  }

  #chore(what: string, work: () => Promise<void>): () => Promise<void> {
    return oneAtATime(async () => {
      if (!this.#closing.signal.aborted) await this.#tried(what, work);
    });
  }

  /** What fails because the database is away is done at the next heartbeat. */
  async #tried(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      if (!this.#closing.signal.aborted) this.#options.log("warn", `could not ${what}: ${messageOf(thrown)}`);
    }
  }
}
