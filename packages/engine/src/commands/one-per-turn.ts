import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Lets what takes the thread for long be done once in each turn of the event loop. To start a process takes 3 to 10 ms of
 * a daemon; when a stage begins for 16 services at once, requests of people wait for one of them and not for all.
 */
export class OnePerTurn {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is the caller's turn; what he does before he waits again is all that the turn is for. */
  turn(): Promise<void> {
    this.#last = this.#last.then(() => nextTurn());
    return this.#last;
  }
}
