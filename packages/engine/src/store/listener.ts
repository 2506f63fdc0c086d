import { setTimeout as wait } from "node:timers/promises";
import type { Client } from "pg";
import { channel } from "./events.ts";
import type { Signal, Store } from "./store.ts";

/** Hears what other processes signal through the database. */
export interface Listener {
  close(): Promise<void>;
}

/**
 * Listens on a connection of its own, and makes a new one for as long as it takes when that dies. What was said in
 * between is lost, so `onGap` is called after each new beginning: look at everything once.
 */
export function listen(store: Store, hear: (signal: Signal) => void, onGap: () => void): Listener {
  const closing = new AbortController();
  let client: Client | undefined;
  const listening = (async () => {
    for (let pause = 50; !closing.signal.aborted; pause = Math.min(pause * 2, 2_000)) {
      try {
        await hearUntilTheEnd();
        pause = 50;
      } catch {
        // The database is away; there is nothing to do but to try again.
      }
      await wait(pause, undefined, { signal: closing.signal, ref: false }).catch(() => {});
    }
  })();

  async function hearUntilTheEnd(): Promise<void> {
    const mine = store.connection();
    const ended = new Promise<void>((resolve) => {
      mine.once("end", resolve);
      mine.on("error", () => resolve());
    });
    try {
      await mine.connect();
      // Only now: a connection that is ended while it is being made never says that it has ended.
      client = mine;
      if (closing.signal.aborted) return;
      mine.on("notification", ({ payload }) => {
        for (const signal of signalsIn(payload, store.origin)) hear(signal);
      });
      await mine.query(`listen ${channel}`);
      onGap();
      await ended;
    } finally {
      client = undefined;
      await mine.end().catch(() => {});
    }
  }

  return {
    async close() {
      closing.abort();
      await client?.end().catch(() => {});
      await listening;
    },
  };
}

function signalsIn(payload: string | undefined, ownOrigin: string): readonly Signal[] {
  if (payload === undefined) return [];
  const { origin, signals } = JSON.parse(payload) as { origin: string; signals: readonly Signal[] };
  return origin === ownOrigin ? [] : signals;
}
