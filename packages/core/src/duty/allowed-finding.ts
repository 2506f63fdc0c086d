import type { DutyRole } from "./duty.ts";
import { peopleOf } from "./duty.ts";
import type { Day } from "./period.ts";

/** Something that looks like a key and is none, as the project says. */
export interface AllowedFinding {
  /** A file, or all below a folder where it ends with `/`; null for anywhere. */
  readonly path: string | null;
  /** What a scan calls the value by; null for any at the path. */
  readonly fingerprint: string | null;
  readonly reason: string;
  /** The role that answers for it. */
  readonly owner: string;
  /** The last day that it counts. */
  readonly until: Day;
  readonly place: { readonly file: string; readonly line: number };
}

/** What a scan has found, as far as it matters for what is allowed. */
interface Found {
  readonly path: string;
  readonly fingerprint: string;
  readonly credential: string | null;
}

/** Findings without those that are allowed. */
export interface Judged<Finding> {
  readonly kept: readonly Finding[];
  /** How many were allowed. */
  readonly allowed: number;
  /** Entries that would have allowed something and count no more, as `file:line why`, each once. */
  readonly ended: readonly string[];
}

/**
 * Takes away what the project allows. A value of the inventory is never allowed: it opens something, wherever it stands. An
 * entry counts up to its last day, and while somebody has the role that answers for it.
 */
export function judgeFindings<Finding extends Found>(
  findings: readonly Finding[],
  entries: readonly AllowedFinding[],
  { roles, today }: { readonly roles: readonly DutyRole[]; readonly today: Day },
): Judged<Finding> {
  const ended = new Set<string>();
  const kept = findings.filter((finding) => {
    if (finding.credential !== null) return true;
    const fitting = entries.filter((entry) => fits(entry, finding));
    const reasons = fitting.map((entry) => whyEnded(entry, roles, today));
    if (reasons.includes(null)) return false;
    for (const [index, { place }] of fitting.entries())
      ended.add(`${place.file}:${place.line} ${reasons[index] ?? ""}`);
    return true;
  });
  return { kept, allowed: findings.length - kept.length, ended: [...ended] };
}

/** Findings in what a commit has added have its name before them. */
const fits = ({ path, fingerprint }: AllowedFinding, found: Found): boolean => {
  const at = found.path.replace(/^[0-9a-f]{1,12}:/, "");
  return (
    (path === null || (path.endsWith("/") ? at.startsWith(path) : at === path)) &&
    (fingerprint === null || fingerprint === found.fingerprint)
  );
};

const whyEnded = ({ until, owner }: AllowedFinding, roles: readonly DutyRole[], today: Day): string | null => {
  if (until < today) return `counts no more since ${until}`;
  return peopleOf(roles, owner, today).length === 0 ? `counts no more: nobody is ${owner}` : null;
};
