import { FairwayError } from "@fairway/core";

/**
 * Asks, and gives up when no answer has come after `most` milliseconds: a connection can be dead without anybody being told,
 * and a question that never ends would never be asked again. Throws `deadline_passed`, retryable; a question that nobody wants
 * any more ends as the signal says.
 */
export async function inTime<Answer>(
  ask: (signal: AbortSignal) => Promise<Answer>,
  wanted: AbortSignal,
  most: number,
): Promise<Answer> {
  const late = AbortSignal.timeout(most);
  try {
    return await ask(AbortSignal.any([wanted, late]));
  } catch (thrown) {
    if (wanted.aborted || !late.aborted) throw thrown;
    throw new FairwayError("deadline_passed", `no answer came within ${Math.round(most / 1000)} seconds`, {
      hint: "it is asked again by itself",
      retryable: true,
      cause: thrown,
    });
  }
}
