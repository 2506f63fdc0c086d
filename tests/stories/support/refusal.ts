import type { ErrorCode, FairwayError } from "@fairway/core";
import { codeOf } from "@fairway/core";

/** What was refused, as people see it. Throws when it was not refused, or not by one of the known codes. */
export async function refusal(asked: Promise<unknown>): Promise<FairwayError & { readonly code: ErrorCode }> {
  const thrown = await asked.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (codeOf(thrown) !== undefined) return thrown as FairwayError;
  throw new Error(thrown === undefined ? "it was not refused" : "it was refused by no code of ours", { cause: thrown });
}
