import { setTimeout as wait } from "node:timers/promises";
import type { ErrorCode, Millis } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import type { Attempt } from "../runs/stage.ts";

/**
 * What is over by itself in a moment: a server is being restarted, or has too much to do. Not every error that may be tried
 * again: of a command whose end nobody saw, say, only a person knows whether it may.
 */
const passing: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode>(["registry_unavailable", "signing_unavailable"]);

/** Two minutes in all, as long as the restart of a registry takes; less than a job that asks one has time. */
const pauses: readonly Millis[] = [2_000, 5_000, 15_000, 30_000, 60_000];

/**
 * Does something again that a registry or Sigstore did not answer, with longer and longer pauses, until it is done, refused,
 * or the attempt is to stop; then with the last error. For what may be repeated, within a step: after a crash it begins anew.
 */
export async function tryAgain<Result>(
  { signal, progress }: Pick<Attempt, "signal" | "progress">,
  work: () => Promise<Result>,
  waits: readonly Millis[] = pauses,
): Promise<Result> {
  for (const pause of waits) {
    try {
      return await work();
    } catch (thrown) {
      if (!passing.has(codeOf(thrown)) || signal.aborted) throw thrown;
      progress(`${messageOf(thrown).split("\n")[0] ?? ""}; tries again in ${pause / 1_000} s`);
      await wait(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw thrown;
    }
  }
  return work();
}
