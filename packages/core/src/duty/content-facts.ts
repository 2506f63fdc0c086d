import { disclosureDuty } from "../content/disclosure.ts";
import type { NoticeStanding } from "../content/release-pack.ts";
import { noticeDuty } from "../content/release-pack.ts";
import type { DutyStanding } from "./duty-standing.ts";

/** What is known of a release's texts. It is kept with each decision of a gate, so that one can be worked out again. */
export interface ContentFacts {
  /** Null where the release's commit has no rules for disclosures. */
  readonly disclosures: {
    readonly digest: string;
    /** `file:line code message` of the first few. */
    readonly findings: readonly string[];
    readonly count: number;
    readonly approved: boolean;
  } | null;
  /** Null where the release's commit says nothing of a notice. */
  readonly notice: NoticeStanding | null;
}

/** Duties that Fairway knows more of than is on record of them. */
export const isOfContent = (id: string): boolean => id === disclosureDuty || id === noticeDuty;

/** What is known of a duty of texts; null where the record alone says how it stands. */
export function knownOfContent(
  { duty: { id, place }, state }: DutyStanding,
  { disclosures, notice }: ContentFacts,
): Pick<DutyStanding, "state" | "why"> | null {
  if (id === noticeDuty) return notice === null ? null : { state: notice.state, why: notice.why };
  if (id !== disclosureDuty || !place.file.endsWith("disclosures.yaml")) return null;
  if (disclosures === null) return { state: "unknown", why: "nobody can tell what it shows: its commit has no rules" };
  const { findings, count, approved } = disclosures;
  if (count > 0) return { state: "failing", why: `${count} to be mended: ${findings.join("; ")}` };
  // What somebody has taken back since is not well for that it was said once.
  if (approved) return null;
  return state === "failing" ? null : { state: "overdue", why: "nobody has said yes to what users see" };
}
