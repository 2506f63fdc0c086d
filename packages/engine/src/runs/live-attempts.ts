import type { AttemptId, Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Job, JobStanding, StopOrder } from "../store/jobs.ts";
import { attemptOf } from "../store/jobs.ts";
import { stopError } from "./deadlines.ts";
import { Turns } from "./one-at-a-time.ts";

/** An attempt that this process executes. */
export interface LiveAttempt {
  readonly job: Job;
  readonly abort: AbortController;
  /** Whether the durable engine has got to it. */
  begun: boolean;
  readonly deadline: NodeJS.Timeout | undefined;
}

const longestTimer: Millis = 2 ** 31 - 1;

/** The attempts that this process executes. */
export class LiveAttempts {
  readonly #live = new Map<AttemptId, LiveAttempt>();
  readonly #onDeadline: () => void;
  /** What is taken is ours in the database a moment before it is entered here; nobody may compare the two meanwhile. */
  readonly taking: Turns = new Turns();

  constructor(onDeadline: () => void) {
    this.#onDeadline = onDeadline;
  }

  get size(): number {
    return this.#live.size;
  }

  get jobs(): readonly Job[] {
    return [...this.#live.values()].map(({ job }) => job);
  }

  of(id: AttemptId): LiveAttempt | undefined {
    return this.#live.get(id);
  }

  /** `claimed` just now, or `adopted` from a process that had begun it. */
  enter(job: Job, how: "claimed" | "adopted"): LiveAttempt {
    const isTimed = job.timeout > 0 && how === "claimed";
    const live: LiveAttempt = {
      job,
      abort: new AbortController(),
      begun: how === "adopted",
      // The database decides whether the deadline has passed; an adopted attempt's is seen at a heartbeat.
      deadline: isTimed ? setTimeout(this.#onDeadline, Math.min(job.timeout + 5, longestTimer)) : undefined,
    };
    this.#live.set(attemptOf(job), live);
    if (job.stop !== null) live.abort.abort(stopError(job.stop));
    return live;
  }

  /** It has ended. */
  leave(id: AttemptId): void {
    clearTimeout(this.#live.get(id)?.deadline);
    this.#live.delete(id);
  }

  stop(job: JobStanding, order: StopOrder): void {
    const live = this.#live.get(attemptOf(job));
    if (live !== undefined && !live.abort.signal.aborted) live.abort.abort(stopError(order));
  }

  /** Whoever goes on with it will find what it began where it is. */
  letGo(id: AttemptId, why: string): void {
    const live = this.#live.get(id);
    this.leave(id);
    live?.abort.abort(new FairwayError("fenced", `${id} goes on elsewhere: ${why}`));
  }

  letAllGo(why: string): void {
    for (const id of [...this.#live.keys()]) this.letGo(id, why);
  }
}
