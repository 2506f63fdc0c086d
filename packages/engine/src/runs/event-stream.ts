import type { EngineEvent } from "../store/events.ts";
import { eventsAfter } from "../store/events.ts";
import type { Signal, Store } from "../store/store.ts";
import { untilAnswered } from "../store/store.ts";

/** How long to wait before looking without being told: what another process said may have been lost. */
const patience = 5_000;

/**
 * What happens, from a place in the sequence on and without end. It goes on through times without a database; whoever
 * breaks off goes on later after the last number that was seen.
 */
export async function* eventStream(
  store: Store,
  after: number,
  signal: AbortSignal,
  onSignal: (listener: (signal: Signal) => void) => () => void,
): AsyncGenerator<EngineEvent, void, void> {
  let seen = after;
  let news = true;
  let wake = (): void => {};
  const off = onSignal(({ kind }) => {
    if (kind !== "events") return;
    news = true;
    wake();
  });
  try {
    while (!signal.aborted) {
      news = false;
      const found = await untilAnswered(() => eventsAfter(store, seen), signal);
      for (const event of found) {
        seen = event.seq;
        yield event;
      }
      if (found.length > 0 || news) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patience);
        wake = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        signal.addEventListener("abort", wake, { once: true });
        if (signal.aborted || news) wake();
      });
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  } finally {
    off();
  }
}
