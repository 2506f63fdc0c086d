import type { PlannedBackup } from "../backup/planned-backup.ts";
import type { EducationAsset } from "../content/content-runs.ts";
import type { SeverityTable } from "../incident/severity-table.ts";
import type { Playbook } from "../playbook/playbook.ts";
import type { Millis, Timestamp } from "../units.ts";
import type { AllowedFinding } from "./allowed-finding.ts";
import type { Credential } from "./credential.ts";
import type { DutyRun } from "./duty-run.ts";
import type { Day, Period } from "./period.ts";

/** When a duty is owed. */
export type Cadence =
  /** On days that are counted from one of them. */
  | { readonly kind: "anchored"; readonly every: Period; readonly from: Day }
  /** So long after it was last done; by a day when it never was. `done`: when it was, as its file says. */
  | { readonly kind: "rolling"; readonly every: Period; readonly from: Day; readonly done?: Day | undefined }
  /** At moments of a schedule in UTC: what belongs to one is shown after it. */
  | { readonly kind: "cron"; readonly cron: string; readonly from: Day }
  /** For each release anew; counts when it was shown that long ago. */
  | { readonly kind: "release"; readonly wait: Millis }
  /** Always: it is so until somebody says otherwise. */
  | { readonly kind: "standing" }
  /** Once, before the end of what ends by itself. No file says so. */
  | { readonly kind: "until"; readonly end: Timestamp };

/** Something that somebody owes evidence of. */
export interface Duty {
  /** `credential/stripe@production:rotate`. */
  readonly id: string;
  readonly title: string;
  /** The role that owes it. */
  readonly owner: string;
  /** The roles that hear of it next, in their order. */
  readonly escalation: readonly string[];
  /** Null for what concerns every environment. */
  readonly environment: string | null;
  readonly cadence: Cadence;
  /** How long after it was due it is still in time. */
  readonly grace: Millis;
  /** How many days before it is due its owner hears of it. */
  readonly warnings: readonly number[];
  /** The row of the matrix of who does what; null where it is in none. */
  readonly task: string | null;
  /** What does a part of it by itself; null where people do all. */
  readonly automation: string | null;
  /**
   * The digest of the files that it watches, as the commit has them: evidence of others does not count. Null where it watches
   * none.
   */
  readonly digest: string | null;
  /** The patterns of those files; absent in what older versions have read. */
  readonly watches?: readonly string[];
  /** What shows it by itself; absent where people do. */
  readonly run?: DutyRun;
  /** The duty of what stands in for what this one is about, and this for that; absent where nothing does. */
  readonly fallback?: string;
  /** What sets it right, where no word does; absent where whoever owes it shows it. */
  readonly mend?: string;
  /** How it stands whatever is on record of it, where Fairway sees that itself. */
  readonly seen?: { readonly state: DutyState; readonly why: string };
  readonly place: { readonly file: string; readonly line: number };
}

/** Who is meant by a role. */
export interface DutyRole {
  readonly name: string;
  readonly people: readonly { readonly name: string; readonly until: Day | null }[];
}

/** What must be shown before something is done with an environment. */
export interface DutyGate {
  readonly environment: string;
  /** Patterns of duties, with `*` for any part of a name. */
  readonly require: readonly string[];
  /** `warn` says what it would have refused, and refuses nothing. */
  readonly mode: "block" | "warn";
  /** Whose yes a change needs that asks for less. */
  readonly owner: string;
  /** Absent in what older versions have read. */
  readonly place?: Duty["place"];
}

/** How duties are passed over for a time. */
export interface WaiverRules {
  readonly longest: Millis;
  /** The roles that may. */
  readonly approvers: readonly string[];
  /** Where that stands; absent where no file says it, and in what older versions have read. */
  readonly place?: Duty["place"];
}

/** All duties of one commit. */
export interface DutyPlan {
  readonly commit: string;
  readonly roles: readonly DutyRole[];
  readonly duties: readonly Duty[];
  readonly gates: readonly DutyGate[];
  readonly waivers: WaiverRules;
  /** Absent in what older versions have read. */
  readonly playbooks?: readonly Playbook[];
  readonly credentials?: readonly Credential[];
  readonly backups?: readonly PlannedBackup[];
  readonly severities?: SeverityTable;
  /** Where what users tell support is taken in from; absent or null where nothing is. */
  readonly intake?: { readonly secret: string; readonly environment: string | null } | null;
  readonly education?: readonly EducationAsset[];
  /** What looks like a key and is none. */
  readonly allowed?: readonly AllowedFinding[];
}

/** A person's word that a duty does not count for a while. It always ends. */
export interface Waiver {
  readonly number: number;
  readonly duty: string;
  readonly release: string | null;
  readonly because: string;
  readonly by: string;
  /** All names by which whoever gave it is known; `by` alone in older ones. */
  readonly names?: readonly string[];
  readonly at: Timestamp;
  readonly until: Timestamp;
}

/** How a duty stands, with what it means: worked out each time, and kept nowhere. */
export const dutyStates = {
  ok: "It was shown in its time.",
  due: "Its time has come, or comes soon.",
  overdue: "Its time is over, and nobody has shown it.",
  failing: "What was shown last is that it is not so.",
  unknown: "Nobody has ever shown it, or nobody there can.",
} as const;

/** A word of the closed list. */
export type DutyState = keyof typeof dutyStates;

/** The people of a role who are still there on a day. */
export const peopleOf = (roles: readonly DutyRole[], role: string, today: Day): readonly string[] =>
  (roles.find(({ name }) => name === role)?.people ?? [])
    .filter(({ until }) => until === null || until >= today)
    .map(({ name }) => name);
