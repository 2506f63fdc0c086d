import { codeOf } from "@fairway/core";
import type { QueryClient } from "@tanstack/react-query";

/** Whether something failed that may go well the next time with nothing changed by hand: a daemon that starts, say. */
export const isPassing = (thrown: unknown): boolean =>
  codeOf(thrown) !== undefined && (thrown as { readonly retryable?: boolean }).retryable === true;

/** How long after a failure a question is asked again, in milliseconds. */
const pause = 5_000;

/**
 * Asks what a page shows and could not be had for a passing reason, again and again until it comes. No event would: a page
 * whose very first question failed while the daemon was starting has no stream yet, and would stand there until somebody
 * pressed a key. Gives back how to end it.
 */
export function askFailedAgain(queries: QueryClient, every: number = pause): () => void {
  const timer = setInterval(() => {
    void queries.refetchQueries({
      type: "active",
      predicate: ({ state: { status, fetchStatus, error } }) =>
        status === "error" && fetchStatus === "idle" && isPassing(error),
    });
  }, every);
  return () => clearInterval(timer);
}
