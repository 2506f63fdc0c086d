import type { Loss, Millis, ReleaseId, Upkeep } from "@fairway/core";
import { messageOf } from "@fairway/core";

/** The first pause of a service that dies again soon after it was started again. */
export const shortestPause: Millis = 1000;
/** However often it dies, it is tried again each minute: what it waits for may have come back. */
export const longestPause: Millis = 60_000;
/** A service that has lived this long since it was last started again has got over it. */
export const calm: Millis = 5 * 60_000;

/** When a service that died is started again: at once after a calm time, with doubling pauses when it dies again. */
export interface RestartPause {
  /** How long nothing is to be started yet; 0 when it may be now. */
  left(now: Millis): Millis;
  /** Takes note of a look, and says what people should be told of it. */
  looked(found: Upkeep, now: Millis): readonly string[];
  /** Takes note of a look or a start that did not work. */
  failed(thrown: unknown, now: Millis): readonly string[];
  /** Why it does not run in full and when it is started, as a sentence; null when nothing is waited for. */
  waiting(now: Millis): string | null;
}

/** The pauses of one service while it runs one release: a new release is a new start. */
export function restartPause(release: ReleaseId): RestartPause & { readonly release: ReleaseId } {
  /** The pause after the last start; 0 before the first. */
  let pause: Millis = 0;
  let since: Millis = -Infinity;
  let why: string | null = null;

  const left = (now: Millis): Millis => Math.max(0, since + pause - now);

  function begin(now: Millis): void {
    pause = now - since > calm ? shortestPause : Math.min(longestPause, pause * 2);
    since = now;
  }

  function died(lost: readonly Loss[]): string {
    const [first] = lost;
    why = `${lost.map(({ replica }) => replica).join(", ")} ${firstLine(first?.reason ?? "")}`;
    return lost.map(({ replica, reason }) => `${replica} ${reason}`).join("\n");
  }

  return {
    release,
    left,

    looked({ restarted, lost }, now) {
      const told = lost.length > 0 ? [died(lost)] : [];
      if (restarted.length > 0) {
        why = null;
        begin(now);
        return [...told, `started again: ${restarted.join(", ")}`];
      }
      if (lost.length > 0) return [...told, `it died again soon, so it is started again in ${seconds(left(now))}`];
      if (left(now) === 0) why = null;
      return told;
    },

    failed(thrown, now) {
      const message = `could not be looked after: ${messageOf(thrown)}`;
      const isNew = why !== message;
      why = message;
      if (left(now) === 0) begin(now);
      return isNew ? [message] : [];
    },

    waiting: (now) => (why === null ? null : `${firstLine(why)}; it is tried again in ${seconds(left(now))}`),
  };
}

const seconds = (time: Millis): string => `${Math.max(1, Math.ceil(time / 1000))} s`;

const firstLine = (text: string): string => (text.split("\n")[0] ?? "").replace(/; its last lines:$/, "");
