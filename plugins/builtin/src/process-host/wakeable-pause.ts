import type { Millis } from "@fairway/core";

/** Waiting that can be cut short, because something happened. */
export interface WakeablePause {
  upTo(time: Millis): Promise<void>;
  exactly(time: Millis): Promise<void>;
  /** Ends every pause that goes on now. */
  wake(): void;
}

/** Pauses of one replica. */
export function wakeablePause(): WakeablePause {
  const waiting = new Set<() => void>();
  return {
    upTo: (time) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, time);
        waiting.add(done);
      }),
    exactly: (time) => new Promise((resolve) => setTimeout(resolve, time)),
    wake() {
      for (const done of waiting) done();
    },
  };
}
