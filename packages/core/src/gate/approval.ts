import type { Digest } from "../ids.ts";
import type { Millis, Timestamp } from "../units.ts";
import type { ApprovalTerms, Approver } from "./approval-terms.ts";
import { whyNotCounted } from "./approval-terms.ts";

/** A person's answer, bound to a digest of what they saw. */
export interface Approval {
  readonly by: string;
  readonly answer: "yes" | "no";
  readonly digest: Digest;
  readonly at: Timestamp;
  readonly note: string | null;
  /** Who that is, with the roles they had then; absent where nobody logs in and a name is all there is. */
  readonly approver?: Approver | undefined;
}

/** Whether enough people said yes to what would happen now. */
export type GateAnswer =
  | {
      readonly gate: "open";
      readonly by: readonly string[];
      /** The oldest of the answers that count. */ readonly since: Timestamp | null;
    }
  | { readonly gate: "closed"; readonly reason: string }
  | { readonly gate: "waiting"; readonly until: string };

/**
 * Judges the answers that were given. Answers to anything but `digest` do not count, nor those that the terms do not let
 * count, nor what is older than they allow; nobody counts twice, whatever they call themselves; one no closes.
 */
export function approvalGate(
  needed: number,
  digest: Digest,
  answers: readonly Approval[],
  terms: ApprovalTerms = {},
  now: Millis = Date.now(),
): GateAnswer {
  const toThis = answers.filter((answer) => answer.digest === digest);
  const refused = toThis.find((answer) => answer.answer === "no");
  if (refused) return { gate: "closed", reason: `${refused.by} said no${refused.note ? `: ${refused.note}` : ""}` };
  const counted = new Map<string, Approval>();
  // The newest answer of somebody is the one that lasts longest.
  for (const answer of toThis) if (counts(answer, terms, now)) counted.set(personOf(answer), answer);
  const missing = needed - counted.size;
  if (missing > 0)
    return {
      gate: "waiting",
      until: `${missing === 1 ? "one more person approves" : `${missing} more people approve`}${ofWhom(terms)}`,
    };
  const all = [...counted.values()];
  const [since = null] = all.map(({ at }) => at).toSorted();
  return { gate: "open", by: all.map(({ by }) => by), since };
}

/** A token answers for the person it belongs to. */
const personOf = ({ approver, by }: Approval): string => (approver === undefined ? `name ${by}` : `id ${approver.id}`);

function counts({ approver, at }: Approval, terms: ApprovalTerms, now: Millis): boolean {
  if (terms.expires !== undefined && now - Date.parse(at) > terms.expires) return false;
  return approver === undefined || whyNotCounted(approver, terms) === null;
}

function ofWhom({ from = [] }: ApprovalTerms): string {
  if (from.length === 0) return "";
  return `, of ${from.map((one) => ("role" in one ? `the role ${one.role}` : one.person)).join(", ")}`;
}
