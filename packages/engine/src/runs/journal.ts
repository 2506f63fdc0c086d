import type { Millis } from "@fairway/core";
import type { StepSight } from "../store/steps.ts";
import { writeSteps } from "../store/steps.ts";
import type { Store, Transaction } from "../store/store.ts";
import { text, untilAnswered } from "../store/store.ts";

/** What a job says that it does. */
interface Saying {
  readonly run: string;
  readonly job: string;
  readonly epoch: number;
  readonly message: string;
}

/** How long what people see may lag behind. A write for each step would cost a third of the steps per second. */
const lag: Millis = 50;

/**
 * Writes down what people see of running attempts: steps and messages, a moment later and many at once. A crash may lose
 * the last moment; an attempt that goes on tells its steps again.
 */
export class Journal {
  #steps: StepSight[] = [];
  readonly #sayings = new Map<string, Saying>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  readonly #store: Store;
  readonly #closing: AbortSignal;

  constructor(store: Store, closing: AbortSignal) {
    this.#store = store;
    this.#closing = closing;
  }

  see(step: StepSight): void {
    this.#steps.push(step);
    this.#soon();
  }

  say(saying: Saying): void {
    this.#sayings.set(`${saying.run} ${saying.job}`, saying);
    this.#soon();
  }

  /** Writes what is there, and waits until it is written. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const [steps, sayings] = [this.#steps, [...this.#sayings.values()]];
    this.#steps = [];
    this.#sayings.clear();
    if (steps.length + sayings.length > 0) {
      const before = this.#writing;
      this.#writing = (async () => {
        await before.catch(() => {});
        await untilAnswered(() => this.#store.transaction((tx) => write(tx, steps, sayings)), this.#closing);
      })();
    }
    await this.#writing;
  }

  #soon(): void {
    // What cannot be written now, because we close, the next execution of the attempt tells again.
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), lag);
  }
}

async function write(tx: Transaction, steps: readonly StepSight[], sayings: readonly Saying[]): Promise<void> {
  if (steps.length > 0) await writeSteps(tx, steps);
  if (sayings.length === 0) return;
  const said = await tx.rows<{ run: string; name: string; state: string; attempt: number; message: string }>(
    `update fairway.jobs j set message = s.message
     from json_to_recordset($1) as s(run text, job text, epoch integer, message text)
     where j.run = s.run and j.name = s.job and j.epoch = s.epoch and j.state = 'running' and j.message is distinct from s.message
     returning j.run, j.name, j.state, j.attempt, j.message`,
    [JSON.stringify(sayings.map((saying) => ({ ...saying, message: text(saying.message) })))],
  );
  for (const { run, name, ...job } of said)
    tx.emit({ kind: "job.changed", subject: run, body: { job: name, ...job, reason: null } });
}
