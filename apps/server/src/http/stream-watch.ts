import { codeOf } from "@fairway/core";

/** A stream outlives what its reader was allowed by at most this long. */
const lookEvery = 5_000;

/**
 * Looks again and again whether somebody may still read what they are being sent, and at once when anything changes in who may
 * do what. Fires `leave` with the refusal when they may not. Returns what ends the watch.
 */
export function watchStream(
  leave: AbortController,
  onChange: (listener: () => void) => () => void,
  admit: () => Promise<void>,
): () => void {
  let looking = false;
  let missed = false;
  const look = (): void => {
    if (leave.signal.aborted) return;
    // What changes while we look may have come too late to be seen.
    missed = looking;
    if (looking) return;
    looking = true;
    admit()
      .catch((thrown: unknown) => {
        // A database that is away says nothing of what somebody may do: the next look tells.
        if (refusals.includes(codeOf(thrown) ?? "")) leave.abort(thrown);
      })
      .finally(() => {
        looking = false;
        if (missed) look();
      });
  };
  const timer = setInterval(look, lookEvery).unref();
  const off = onChange(look);
  return () => {
    clearInterval(timer);
    off();
  };
}

const refusals: readonly string[] = ["unauthenticated", "denied", "step_up_required"];
