import type { EngineEvent } from "../store/events.ts";
import { eventsAfter } from "../store/events.ts";
import type { Signal, Store } from "../store/store.ts";
import { untilAnswered } from "../store/store.ts";

/** How long to wait before looking without being told: what another process said may have been lost. */
const patience = 5_000;

/** Hears signals of this process and of others; answers with how to stop. */
export type OnSignal = (listener: (signal: Signal) => void) => () => void;

/** Looks again each time that something relevant is signalled, until `look` finds it; undefined when `signal` fires first. */
export async function lookUntil<Found>(
  look: () => Promise<Found | undefined>,
  isNews: (signal: Signal) => boolean,
  signal: AbortSignal,
  onSignal: OnSignal,
): Promise<Found | undefined> {
  let news = true;
  let wake = (): void => {};
  const off = onSignal((heard) => {
    if (!isNews(heard)) return;
    news = true;
    wake();
  });
  try {
    while (!signal.aborted) {
      news = false;
      const found = await untilAnswered(look, signal);
      if (found !== undefined) return found;
      if (news) continue;
      await new Promise<void>((resolve) => {
        wake = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        const timer = setTimeout(() => wake(), patience);
        signal.addEventListener("abort", wake, { once: true });
        if (signal.aborted || news) wake();
      });
    }
    return undefined;
  } catch (thrown) {
    if (signal.aborted) return undefined;
    throw thrown;
  } finally {
    off();
  }
}

/**
 * What happens, from a place in the sequence on and without end. It goes on through times without a database; whoever
 * breaks off goes on later after the last number that was seen.
 */
export async function* eventStream(
  store: Store,
  after: number,
  signal: AbortSignal,
  onSignal: OnSignal,
): AsyncGenerator<EngineEvent, void, void> {
  let seen = after;
  const more = async (): Promise<readonly EngineEvent[] | undefined> => {
    const found = await eventsAfter(store, seen);
    return found.length > 0 ? found : undefined;
  };
  for (;;) {
    const found = await lookUntil(more, ({ kind }) => kind === "events" || kind === "gap", signal, onSignal);
    if (found === undefined) return;
    for (const event of found) {
      seen = event.seq;
      yield event;
    }
  }
}
