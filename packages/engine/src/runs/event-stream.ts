import type { EngineEvent } from "../store/events.ts";
import { eventsAfter } from "../store/events.ts";
import type { Signal, Store } from "../store/store.ts";
import { untilAnswered } from "../store/store.ts";

/** How long to wait before looking without being told: what another process said may have been lost. */
const patience = 5_000;
/** Events that are read with one look. */
const atOnce = 500;

/** Hears signals of this process and of others; answers with how to stop. */
export type OnSignal = (listener: (signal: Signal) => void) => () => void;

/** Looks again each time that something relevant is signalled, until `look` finds it; undefined when `signal` fires first. */
export async function lookUntil<Found>(
  look: () => Promise<Found | undefined>,
  isNews: (signal: Signal) => boolean,
  signal: AbortSignal,
  onSignal: OnSignal,
): Promise<Found | undefined> {
  const news = new News(isNews, onSignal);
  try {
    return await lookAtNews(look, news, signal);
  } finally {
    news.close();
  }
}

/** Hears whether something relevant was signalled since it was looked at last. At first there is news. */
class News {
  #isThere = true;
  #wake = (): void => {};
  readonly close: () => void;

  constructor(isNews: (signal: Signal) => boolean, onSignal: OnSignal) {
    this.close = onSignal((heard) => {
      if (isNews(heard)) this.arrive();
    });
  }

  arrive(): void {
    this.#isThere = true;
    this.#wake();
  }

  /**
   * Waits for news, or as long as it may be believed that there is none, and takes it: what comes from now on is news again.
   */
  async take(signal: AbortSignal): Promise<void> {
    if (!this.#isThere)
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        this.#wake = wake;
        const timer = setTimeout(wake, patience);
        signal.addEventListener("abort", wake, { once: true });
        if (signal.aborted) wake();
      });
    this.#isThere = false;
  }
}

async function lookAtNews<Found>(
  look: () => Promise<Found | undefined>,
  news: News,
  signal: AbortSignal,
): Promise<Found | undefined> {
  try {
    for (;;) {
      if (signal.aborted) return undefined;
      await news.take(signal);
      if (signal.aborted) return undefined;
      const found = await untilAnswered(look, signal);
      if (found !== undefined) return found;
    }
  } catch (thrown) {
    if (signal.aborted) return undefined;
    throw thrown;
  }
}

/**
 * What happens, from a place in the sequence on and without end. It goes on through times without a database; whoever breaks
 * off goes on later after the last number that was seen. What was read to its end is looked at again only when there is news.
 */
export async function* eventStream(
  store: Store,
  after: number,
  signal: AbortSignal,
  onSignal: OnSignal,
): AsyncGenerator<EngineEvent, void, void> {
  let seen = after;
  const more = async (): Promise<readonly EngineEvent[] | undefined> => {
    const found = await eventsAfter(store, seen, atOnce);
    return found.length > 0 ? found : undefined;
  };
  const news = new News(({ kind }) => kind === "events" || kind === "gap", onSignal);
  try {
    for (;;) {
      const found = await lookAtNews(more, news, signal);
      if (found === undefined) return;
      if (found.length === atOnce) news.arrive();
      for (const event of found) {
        seen = event.seq;
        yield event;
      }
    }
  } finally {
    news.close();
  }
}
