import type { RunningJob } from "./running-job.ts";
import type { StepScope } from "./step-scope.ts";

/**
 * Decides when a step is to end early: its time is over, the step around it ends, or the job was cancelled and its `if` no
 * longer holds.
 */
export class StepEnding {
  readonly #controller = new AbortController();
  readonly #cleanUp: (() => void)[] = [];
  timedOut = false;

  constructor(job: RunningJob, scope: StepScope, deadline: number | undefined, stillWanted: () => boolean) {
    const end = (): void => this.#controller.abort();
    const onCancel = (): void => {
      job.cancel();
      if (!stillWanted()) end();
    };
    this.#on(scope.signal, end);
    // A step that begins after the job was cancelled has been asked for by its condition.
    if (!job.signal.aborted) this.#on(job.signal, onCancel);
    if (deadline !== undefined) {
      const timer = setTimeout(
        () => {
          this.timedOut = true;
          end();
        },
        Math.min(Math.max(0, deadline - Date.now()), 2 ** 31 - 1),
      ).unref();
      this.#cleanUp.push(() => clearTimeout(timer));
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  close(): void {
    for (const cleanUp of this.#cleanUp) cleanUp();
  }

  #on(signal: AbortSignal, listener: () => void): void {
    if (signal.aborted) return listener();
    signal.addEventListener("abort", listener, { once: true });
    this.#cleanUp.push(() => signal.removeEventListener("abort", listener));
  }
}
