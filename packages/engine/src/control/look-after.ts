import { setMaxListeners } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import type { Millis } from "@fairway/core";
import { messageOf } from "@fairway/core";
import type { ControlOptions } from "./control.ts";

/** Something that is done for as long as the daemon runs. */
export interface Upkeep {
  /** Finishes the sentence "could not …". */
  readonly what: string;
  readonly every: Millis;
  /** Before the first time; nothing when left out. */
  readonly first?: Millis;
  readonly work: () => Promise<unknown>;
}

/** Does each again and again until the signal fires. What goes wrong is told, and it is tried again in its turn. */
export async function lookAfter(
  upkeep: readonly Upkeep[],
  signal: AbortSignal,
  log: ControlOptions["log"],
): Promise<void> {
  // Each of them waits on it, which is no leak.
  setMaxListeners(0, signal);
  await Promise.all(upkeep.map((one) => again(one, signal, log)));
}

async function again(
  { what, every, first = 0, work }: Upkeep,
  signal: AbortSignal,
  log: ControlOptions["log"],
): Promise<void> {
  if (first > 0) await wait(first, undefined, { signal }).catch(() => undefined);
  while (!signal.aborted) {
    await work().catch((thrown: unknown) => log("warn", `could not ${what}: ${messageOf(thrown)}`));
    await wait(every, undefined, { signal }).catch(() => undefined);
  }
}
