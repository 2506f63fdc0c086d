import type { Problem } from "@fairway/api";
import type { FairwayError } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import { statusOf } from "./status-codes.ts";

/** What was thrown, as the answer that carries it. A fault of our own says nothing of its insides to the caller. */
export function problemOf(thrown: unknown): { readonly status: number; readonly problem: Problem } {
  const code = codeOf(thrown);
  if (!code) {
    const message = "a fault in Fairway itself; the daemon's log has the details";
    return { status: 500, problem: { code: "internal", message, retryable: false, problems: [] } };
  }
  const { hint, retryable, problems } = thrown as Partial<FairwayError>;
  return {
    status: statusOf[code],
    problem: {
      code,
      message: messageOf(thrown),
      ...(hint ? { hint } : {}),
      retryable: retryable ?? false,
      problems: [...(problems ?? [])],
    },
  };
}
