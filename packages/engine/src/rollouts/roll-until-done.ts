import { setTimeout as wait } from "node:timers/promises";
import type { FairwayError, Millis, Progress } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";

/** How a rollout or the way back ended. */
export type Ended = Exclude<Progress, { phase: "moving" }>;

/** How long a platform may fail to answer before that is the outcome. */
const patience: Millis = 60_000;

/**
 * Takes a rollout as far as it goes, again and again, until it has ended. Level-triggered: nothing is kept between two
 * looks, so a daemon that comes back calls it again and goes on. A platform that does not answer is asked again for a
 * minute; then the answer is that we could not find out.
 */
export async function rollUntilDone(
  move: () => Promise<Progress>,
  say: (message: string) => void,
  signal: AbortSignal,
): Promise<Ended> {
  let silentSince: number | null = null;
  for (;;) {
    signal.throwIfAborted();
    try {
      const progress = await move();
      silentSince = null;
      if (progress.phase !== "moving") return progress;
      say(progress.message);
      await wait(progress.checkAgainIn, undefined, { signal });
    } catch (thrown) {
      signal.throwIfAborted();
      if (codeOf(thrown) === "fenced" || !mayPass(thrown)) throw thrown;
      silentSince ??= performance.now();
      if (performance.now() - silentSince > patience) throw thrown;
      say(`trying again: ${messageOf(thrown)}`);
      await wait(500, undefined, { signal });
    }
  }
}

/** Whether what was thrown may be over at the next try. */
const mayPass = (thrown: unknown): boolean => codeOf(thrown) !== undefined && (thrown as FairwayError).retryable;
