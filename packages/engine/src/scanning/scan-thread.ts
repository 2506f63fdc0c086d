import { Worker } from "node:worker_threads";
import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { ScanAnswer, ScanJob, ScanKnowledge } from "./scan-job.ts";

/** A thread that scans. */
export interface ScanThread {
  /** Throws `deadline_passed` when it takes longer than it may, and whatever a signal gives as its reason. */
  run<Job extends ScanJob>(
    job: Job,
    within: { readonly deadline: Millis; readonly signal?: AbortSignal | undefined },
  ): Promise<ScanAnswer<Job>>;
  /** Ends it, whatever it is doing. May be repeated. */
  close(): Promise<void>;
}

/** Compiled, wherever this file is loaded from: a thread takes no TypeScript. */
const program = new URL("../../dist/scanning/scan-worker.js", import.meta.url);

interface Waiting {
  readonly take: (answer: unknown) => void;
  readonly fail: (why: unknown) => void;
}

/** Starts a thread that scans. It keeps no process alive. */
export function openScanThread(knowledge: ScanKnowledge): ScanThread {
  const worker = new Worker(program, {
    workerData: knowledge,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
    // None of ours: what tests resolve packages to is no JavaScript.
    execArgv: [],
  });
  worker.unref();
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  let over = false;
  const failAll = (why: unknown): void => {
    for (const { fail } of waiting.values()) fail(why);
    waiting.clear();
  };
  worker.on("message", ({ id, answer, failed }: { id: number; answer?: unknown; failed?: string }) => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (failed === undefined) one?.take(answer);
    else one?.fail(new FairwayError("internal", `the scanner stopped: ${failed}`));
  });
  worker.on("error", (thrown) =>
    failAll(new FairwayError("internal", `the scanner stopped: ${thrown.message}`, { cause: thrown })),
  );
  const gone = (): FairwayError => new FairwayError("internal", "the scanner was ended");
  worker.on("exit", () => failAll(gone()));
  const close = async (): Promise<void> => {
    over = true;
    await worker.terminate();
  };
  return {
    close,
    async run(job, { deadline, signal }) {
      signal?.throwIfAborted();
      if (over) throw gone();
      const id = (asked += 1);
      const ends = AbortSignal.any([AbortSignal.timeout(deadline), ...(signal === undefined ? [] : [signal])]);
      const ended = (): void => {
        const why: unknown = signal?.aborted === true ? signal.reason : tooLong(deadline);
        waiting.get(id)?.fail(why);
        waiting.delete(id);
        // It may be at one text for ever: only its end gets the processor back.
        close().catch(() => undefined);
      };
      worker.ref();
      try {
        return (await new Promise<unknown>((take, fail) => {
          waiting.set(id, { take, fail });
          ends.addEventListener("abort", ended, { once: true });
          worker.postMessage({ id, job });
        })) as never;
      } finally {
        ends.removeEventListener("abort", ended);
        if (waiting.size === 0) worker.unref();
      }
    },
  };
}

const tooLong = (deadline: Millis): FairwayError =>
  new FairwayError("deadline_passed", `the scanner took longer than ${Math.round(deadline / 1000)} s`);
