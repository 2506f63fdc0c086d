import type { Digest } from "../ids.ts";
import type { Timestamp } from "../units.ts";

/** A person's answer, bound to a digest of what they saw. */
export interface Approval {
  readonly by: string;
  readonly answer: "yes" | "no";
  readonly digest: Digest;
  readonly at: Timestamp;
  readonly note: string | null;
}

/** Whether enough people said yes to what would happen now. */
export type GateAnswer =
  | { readonly gate: "open" }
  | { readonly gate: "closed"; readonly reason: string }
  | { readonly gate: "waiting"; readonly until: string };

/** Judges the answers that were given. Answers to anything but `digest` do not count; nobody counts twice; one no closes. */
export function approvalGate(needed: number, digest: Digest, answers: readonly Approval[]): GateAnswer {
  const counted = answers.filter((answer) => answer.digest === digest);
  const refused = counted.find((answer) => answer.answer === "no");
  if (refused) return { gate: "closed", reason: `${refused.by} said no${refused.note ? `: ${refused.note}` : ""}` };
  const people = new Set(counted.map((answer) => answer.by));
  const missing = needed - people.size;
  if (missing <= 0) return { gate: "open" };
  return { gate: "waiting", until: missing === 1 ? "one more person approves" : `${missing} more people approve` };
}
