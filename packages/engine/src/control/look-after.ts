import { setMaxListeners } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import type { Millis } from "@fairway/core";
import { messageOf } from "@fairway/core";
import type { Json } from "../runs/stage.ts";
import type { Inquiry } from "../store/open-work.ts";
import type { ControlOptions } from "./control.ts";

/** Something that is done for as long as the daemon runs. */
export type Upkeep = TimedUpkeep | AskedUpkeep;

/** Done in its time. */
export interface TimedUpkeep {
  /** Finishes the sentence "could not …". */
  readonly what: string;
  readonly every: Millis;
  /** Before the first time; nothing when left out. */
  readonly first?: Millis;
  readonly work: () => Promise<unknown>;
}

/** Done at a look, when the database says that there is something to do. */
export interface AskedUpkeep {
  readonly what: string;
  /** Put as one question with those of all others. */
  readonly ask: Inquiry;
  /** With the answer, where it is one. */
  readonly work: (found: Json) => Promise<unknown>;
}

/** How what is asked is asked, and how often. */
export interface Looking {
  readonly every: Millis;
  readonly inquire: (inquiries: readonly Inquiry[]) => Promise<readonly Json[]>;
}

/** Does each again and again until the signal fires. What goes wrong is told, and it is tried again in its turn. */
export async function lookAfter(
  upkeep: readonly Upkeep[],
  looking: Looking,
  signal: AbortSignal,
  log: ControlOptions["log"],
): Promise<void> {
  // Each of them waits on it, which is no leak.
  setMaxListeners(0, signal);
  const tried = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    await work().catch((thrown: unknown) => log("warn", `could not ${what}: ${messageOf(thrown)}`));
  };
  const timed = upkeep.flatMap((one) => ("ask" in one ? [] : [again(one, signal, tried)]));
  await Promise.all([...timed, lookForWork(upkeep.filter(isAsked), looking, signal, tried)]);
}

const isAsked = (one: Upkeep): one is AskedUpkeep => "ask" in one;

type Tried = (what: string, work: () => Promise<unknown>) => Promise<void>;

async function again({ what, every, first = 0, work }: TimedUpkeep, signal: AbortSignal, tried: Tried): Promise<void> {
  if (first > 0) await wait(first, undefined, { signal }).catch(() => undefined);
  while (!signal.aborted) {
    await tried(what, work);
    await wait(every, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * One look for all of them: most find nothing most of the time. What takes longer than until the next look is not begun twice.
 */
async function lookForWork(
  upkeep: readonly AskedUpkeep[],
  { every, inquire }: Looking,
  signal: AbortSignal,
  tried: Tried,
): Promise<void> {
  const busy = new Map<AskedUpkeep, Promise<unknown>>();
  while (!signal.aborted) {
    await tried("look for what there is to do", async () => {
      const free = upkeep.filter((one) => !busy.has(one));
      const answers = await inquire(upkeep.map(({ ask }) => ask));
      for (const [place, one] of upkeep.entries()) {
        const found = answers[place] ?? null;
        if (found === null || found === false || !free.includes(one) || signal.aborted) continue;
        busy.set(
          one,
          tried(one.what, () => one.work(found)).finally(() => busy.delete(one)),
        );
      }
    });
    await wait(every, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(busy.values());
}
