import { EventEmitter, setMaxListeners } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import type { FairwayError, Millis, RunId } from "@fairway/core";
import { FairwayError as Failure, isTerminal, messageOf } from "@fairway/core";
import { isOtherStep, openDbos } from "../durable/dbos-executions.ts";
import type { EnvironmentLock } from "../store/environment-locks.ts";
import { environmentLocks } from "../store/environment-locks.ts";
import type { EngineEvent } from "../store/events.ts";
import { latestEvent } from "../store/events.ts";
import type { Gate } from "../store/gates.ts";
import { gatesOf } from "../store/gates.ts";
import type { JobStanding } from "../store/jobs.ts";
import { insertJobs, standingsOf } from "../store/jobs.ts";
import { listen } from "../store/listener.ts";
import { migrate } from "../store/migrate.ts";
import type { Run, RunFilter } from "../store/runs.ts";
import { insertRun, listRuns, runById, runByKey } from "../store/runs.ts";
import type { StepQuestion } from "../store/step-questions.ts";
import { openQuestions } from "../store/step-questions.ts";
import type { Step } from "../store/steps.ts";
import { stepsOf } from "../store/steps.ts";
import type { Signal, Store } from "../store/store.ts";
import type { Answer, LockWish, StopWish, RetryWish } from "./actions.ts";
import { approve, cancel, lockEnvironment, retry, unlockEnvironment } from "./actions.ts";
import { advance } from "./advance.ts";
import { eventStream, lookUntil } from "./event-stream.ts";
import type { Parting } from "./parting.ts";
import type { PauseWish } from "./pausing.ts";
import { pause, resume } from "./pausing.ts";
import { planProblems } from "./plan-problems.ts";
import { recordStart } from "./record-start.ts";
import type { RunPlan, Stage } from "./stage.ts";
import { Worker } from "./worker.ts";

/** A run with everything that is known about it. */
export interface RunDetail extends Run {
  readonly jobs: readonly (JobStanding & { readonly steps: readonly Step[] })[];
  readonly gates: readonly Gate[];
  /** What its rollouts ask between their steps, the oldest first. */
  readonly questions: readonly StepQuestion[];
}

export interface EngineOptions {
  readonly store: Store;
  /** What jobs can be: every stage that a plan names, but for `approval` and `lock`, which the engine is itself. */
  readonly stages: readonly Stage[];
  /** How many attempts this process executes at a time. */
  readonly capacity?: number;
  /** Of this stage it executes fewer: its jobs keep the processors busy. */
  readonly narrow?: { readonly stage: string; readonly most: number };
  readonly heartbeat?: Millis;
  /** How long this process may be silent until others take over from it. */
  readonly lease?: Millis;
  /** Puts things in order: the tables are there, and nothing is executed yet. */
  readonly beforeWork?: () => Promise<void>;
  /** Others have taken over from this process, which must end. */
  readonly onLost?: (error: FairwayError) => void;
  readonly log?: (level: "debug" | "info" | "warn" | "error", message: string) => void;
}

/** What makes runs happen, and what can be asked and told about them. */
export interface Engine {
  readonly store: Store;
  readonly worker: string;
  /** Starts a run. With a `key` there is one run only, however often it is asked for. */
  startRun(plan: RunPlan, options?: { readonly key?: string }): Promise<RunId>;
  approve(run: RunId, answer: Answer): Promise<Run>;
  /** Asks a run to stop; it answers at once, and `ended` says when it has. */
  cancel(run: RunId, wish: StopWish): Promise<Run>;
  /** Holds a deployment where it is. */
  pause(run: RunId, wish: PauseWish): Promise<Run>;
  /** Lets it go on. */
  resume(run: RunId, wish: { readonly by: string }): Promise<Run>;
  /** Lets what did not succeed run again, or go on behind what a person says is done. */
  retry(run: RunId, wish: RetryWish): Promise<Run>;
  lock(environment: string, wish: LockWish): Promise<void>;
  unlock(environment: string, wish: { readonly by: string; readonly because?: string | null }): Promise<void>;
  locks(): Promise<readonly EnvironmentLock[]>;
  runs(filter?: RunFilter): Promise<readonly Run[]>;
  run(id: RunId): Promise<RunDetail>;
  /** The run once it has ended. */
  ended(id: RunId, signal?: AbortSignal): Promise<Run>;
  /** What happens, from after a number on; from now on without one. */
  events(options?: { readonly after?: number; readonly signal?: AbortSignal }): AsyncIterable<EngineEvent>;
  latestEvent(): Promise<number>;
  /**
   * Call it before the process ends for an exception that nobody caught: an attempt that was in flight at three such ends
   * is held for their cause and not tried again. It does not wait long.
   */
  dying(error: unknown): Promise<void>;
  /** Stops claiming and lets go of what runs, to be gone on with later. The store stays open. */
  close(how?: Parting): Promise<void>;
}

/** Prepares the database and begins to execute what is in it. One engine per process: DBOS is global to it. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { store, stages, capacity = 16, heartbeat = 3_000, lease = 10_000 } = options;
  const log = options.log ?? ((): void => {});
  const known = new Set(stages.map((stage) => stage.name));
  await migrate(store);
  await options.beforeWork?.();

  const worker = new Worker({
    store,
    stages,
    capacity,
    narrow: options.narrow,
    times: { heartbeat, lease },
    openExecutions: (id, interpret) => openDbos({ store, worker: id, interpret, log }),
    isOtherStep,
    onLost: options.onLost ?? ((error) => log("error", error.message)),
    log,
  });
  const heard = new EventEmitter();
  heard.setMaxListeners(0);
  const hear = (signal: Signal): void => {
    worker.hear(signal);
    heard.emit("signal", signal);
  };
  const onSignal = (listener: (signal: Signal) => void): (() => void) => {
    heard.on("signal", listener);
    return () => void heard.off("signal", listener);
  };
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const offStore = store.onSignal(hear);
  await worker.open();
  const listener = listen(store, hear, () => {
    worker.lookAgain();
    heard.emit("signal", { kind: "gap" } satisfies Signal);
  });

  const until = (signal: AbortSignal | undefined): AbortSignal =>
    signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;

  return {
    store,
    worker: worker.id,
    startRun: async (plan, { key } = {}) => {
      const problems = planProblems(plan, known);
      if (problems.length > 0)
        throw new Failure("internal", `"${plan.title}" cannot be run: ${problems.join("; ")}`, { problems });
      return store.transaction(async (tx) => {
        const run = await insertRun(tx, plan, key ?? null);
        if (run === undefined) return ((await runByKey(tx, key ?? "")) as Run).id;
        await insertJobs(tx, run.id, plan.jobs);
        recordStart(tx, run.id, plan);
        await advance(tx, run.id);
        return run.id;
      });
    },
    approve: (run, answer) => approve(store, run, answer),
    cancel: (run, wish) => cancel(store, run, wish),
    pause: (run, wish) => pause(store, run, wish),
    resume: (run, wish) => resume(store, run, wish),
    retry: (run, wish) => retry(store, run, wish),
    lock: (environment, wish) => lockEnvironment(store, environment, wish),
    unlock: (environment, wish) => unlockEnvironment(store, environment, wish),
    locks: () => environmentLocks(store),
    runs: (filter) => listRuns(store, filter),
    run: (id) => detailOf(store, id),
    async ended(id, signal) {
      const look = async (): Promise<Run | undefined> => {
        const run = await runById(store, id);
        return isTerminal(run.state) ? run : undefined;
      };
      const isNews = (heard: Signal): boolean => heard.run === id || heard.kind === "gap";
      const run = await lookUntil(look, isNews, until(signal), onSignal);
      if (run === undefined) throw new Failure("not_allowed_now", `stopped waiting for the end of ${id}`);
      return run;
    },
    async *events({ after, signal } = {}) {
      yield* eventStream(store, after ?? (await latestEvent(store)), until(signal), onSignal);
    },
    latestEvent: () => latestEvent(store),
    async dying(error) {
      // The database may be why we die.
      await Promise.race([worker.confess(messageOf(error)).catch(() => {}), wait(2_000, undefined, { ref: false })]);
    },
    async close(how = "the rest goes on") {
      closing.abort();
      offStore();
      await listener.close();
      await worker.close(how);
    },
  };
}

async function detailOf(store: Store, id: RunId): Promise<RunDetail> {
  // The run first: one that has ended must not be shown with jobs from before they had.
  const run = await runById(store, id);
  const [jobs, steps, gates, questions] = await Promise.all([
    standingsOf(store, id),
    stepsOf(store, id),
    gatesOf(store, id),
    openQuestions(store, id),
  ]);
  const withSteps = jobs.map((job) => ({ ...job, steps: steps.filter((step) => step.job === job.name) }));
  return { ...run, jobs: withSteps, gates, questions };
}
