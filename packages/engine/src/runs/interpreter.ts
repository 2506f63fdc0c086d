import type { AttemptId, FencingToken } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import { drawFence } from "../store/environment-fences.ts";
import type { Job } from "../store/jobs.ts";
import { partsOf, resultsFor } from "../store/jobs.ts";
import type { Store } from "../store/store.ts";
import { untilAnswered } from "../store/store.ts";
import { adopt } from "../store/workers.ts";
import type { AttemptSetting, Recorder } from "./attempt.ts";
import { attemptIn, mustLetGo, never } from "./attempt.ts";
import type { Journal } from "./journal.ts";
import type { Lease } from "./lease.ts";
import type { LiveAttempt, LiveAttempts } from "./live-attempts.ts";
import { errored, settle } from "./settle.ts";
import type { Json, Outcome, Stage } from "./stage.ts";

export interface InterpreterParts {
  readonly store: Store;
  readonly worker: string;
  readonly stages: ReadonlyMap<string, Stage>;
  readonly live: LiveAttempts;
  readonly lease: Lease;
  readonly journal: Journal;
  readonly closing: AbortSignal;
  /** Whether what a recorder threw means that the stage asks for other steps than those on record. */
  readonly isOtherStep: (thrown: unknown) => boolean;
  /** There is room for another attempt. */
  readonly onRoom: () => void;
  readonly log: (level: "warn", message: string) => void;
}

/** Executes attempts: finds the stage, gives it what it works with, and records how it ended. */
export class Interpreter {
  readonly #parts: InterpreterParts;

  constructor(parts: InterpreterParts) {
    this.#parts = parts;
  }

  /** It returns only when nothing is left to do; an execution that was let go of never does. */
  async interpret(id: AttemptId, record: Recorder): Promise<void> {
    const { store, live, journal, closing, onRoom, log } = this.#parts;
    try {
      const taken = await this.#take(id);
      if (taken === "settled") return;
      if (taken === "taken") return await never();
      const ending = await this.#endingOf(id, taken, record);
      if (mustLetGo(taken.abort.signal)) return await never();
      await journal.flush();
      // It was taken over: the record of this execution must not end, or nobody could go on from it.
      if (!(await untilAnswered(() => settle(store, taken.job, ending), closing))) return await never();
      live.leave(id);
      onRoom();
    } catch (thrown) {
      // We close, or the database answered with a fault: by its row the attempt still runs, and it is resumed.
      log("warn", `let go of ${id}: ${messageOf(thrown)}`);
      live.letGo(id, messageOf(thrown));
      await never();
    }
  }

  /** The attempt as this process's own, unless it has ended or is another's. */
  async #take(id: AttemptId): Promise<LiveAttempt | "settled" | "taken"> {
    const { store, worker, live, closing } = this.#parts;
    const claimed = live.of(id);
    if (claimed !== undefined && !claimed.begun) {
      claimed.begun = true;
      return claimed;
    }
    return live.taking.run(async () => {
      const adoption = await untilAnswered(() => adopt(store, worker, partsOf(id)), closing);
      return adoption.found === "ours" ? live.enter(adoption.job, "adopted") : adoption.found;
    });
  }

  async #endingOf(id: AttemptId, { job, abort }: LiveAttempt, record: Recorder): Promise<Outcome> {
    const { stages, lease, journal } = this.#parts;
    const stage = stages.get(job.stage);
    if (stage === undefined)
      return {
        outcome: "errored",
        reason: `this Fairway has no stage "${job.stage}"; it has ${[...stages.keys()].join(", ")}`,
      };
    const attempt = attemptIn({
      id,
      run: job.run,
      job: job.name,
      input: job.input,
      results: await this.#resultsFor(job),
      signal: abort.signal,
      resumed: job.epoch > 1,
      record: (name, work) => this.#recorded(id, record, name, work),
      mayBegin: () => lease.mayBegin(),
      token: (scope) => this.#token(id, job, scope),
      progress: (message) => journal.say({ run: job.run, job: job.name, epoch: job.epoch, message }),
      see: this.#sightOf(job),
    });
    try {
      return await stage.run(attempt);
    } catch (thrown) {
      return errored(thrown);
    }
  }

  #sightOf({ run, name: job, attempt, epoch }: Job): AttemptSetting["see"] {
    const started = new Map<number, string>();
    return (step) => {
      const now = new Date().toISOString();
      const startedAt = started.get(step.seq) ?? now;
      started.set(step.seq, startedAt);
      const endedAt = step.state === "running" ? null : now;
      this.#parts.journal.see({ run, job, attempt, epoch, ...step, startedAt, endedAt });
    };
  }

  async #resultsFor(job: Job): Promise<ReadonlyMap<string, Json>> {
    if (job.needs.length === 0) return new Map();
    return untilAnswered(() => resultsFor(this.#parts.store, job.run, job.name), this.#parts.closing);
  }

  /** The recorder throws only when it cannot record; work that cannot be done is recorded as a value. */
  async #recorded(id: AttemptId, record: Recorder, ...step: Parameters<Recorder>): ReturnType<Recorder> {
    const { isOtherStep, live, log } = this.#parts;
    try {
      return await record(...step);
    } catch (thrown) {
      if (isOtherStep(thrown))
        throw new FairwayError(
          "internal",
          `${id} was begun by a Fairway whose stage had other steps: ${messageOf(thrown)}`,
          {
            hint: "retry the run",
          },
        );
      log("warn", `could not record "${step[0]}" of ${id}: ${messageOf(thrown)}`);
      live.letGo(id, "its steps cannot be recorded here");
      return never();
    }
  }

  async #token(id: AttemptId, { run, name, attempt, epoch }: Job, scope: string): Promise<FencingToken> {
    const { store, lease, closing } = this.#parts;
    const [environment = scope] = scope.split("/");
    await lease.mayBegin();
    const fence = await untilAnswered(() => drawFence(store, run, environment, { job: name, attempt, epoch }), closing);
    if (fence === undefined)
      throw new FairwayError("fenced", `${id} may not act on ${scope}: its run does not hold ${environment}`);
    return { scope, epoch: fence, holder: id };
  }
}
