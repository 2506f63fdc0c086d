/** Something that users see and should not, or should see and do not. */
export interface DisclosureFinding {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly code: "missing" | "forbidden" | "unreadable";
  readonly message: string;
}

/** What a commit shows its users, as it was looked at. */
export interface DisclosureFacts {
  /** The commit. */
  readonly sha: string;
  /** Of what people see and of the rules. */
  readonly digest: string;
  readonly findings: readonly DisclosureFinding[];
}

/** How a commit stands: its texts are wrong, or wait for somebody's yes, or have it. */
export type DisclosureState = "failure" | "action_required" | "success";

/** The one word for what a commit shows. `approved`: the digest of what was said yes to last. */
export function disclosureState(
  { digest, findings }: Pick<DisclosureFacts, "digest" | "findings">,
  approved: string | null,
): DisclosureState {
  if (findings.length > 0) return "failure";
  return approved === digest ? "success" : "action_required";
}

/** The name of the duty that approvals of texts are evidence of. */
export const disclosureDuty = "content:disclosure";

/** A finding for people: `file:line code message`. */
export const disclosureLine = ({ file, line, code, message }: DisclosureFinding): string =>
  `${file}:${line} ${code} ${message}`;
