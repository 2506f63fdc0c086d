import type { ReleaseId } from "../ids.ts";
import type { Day } from "../duty/period.ts";
import type { Timestamp } from "../units.ts";

/** How bad it is for those whom it reaches, and how many those are. */
export const impacts = {
  outage: "It does not work at all, or what it shows or does is wrong.",
  degraded: "It works, but badly.",
  minor: "It is a nuisance.",
} as const;
export type Impact = keyof typeof impacts;

export const incidentScopes = { all: "Everybody.", some: "A part of those who use it.", one: "Somebody." } as const;
export type IncidentScope = keyof typeof incidentScopes;

/** 1 is the worst. */
export type Severity = 1 | 2 | 3 | 4;

/** Something that is to be done after an incident. */
export interface FollowUp {
  readonly number: number;
  readonly what: string;
  readonly owner: string;
  readonly due: Day;
  readonly doneAt: Timestamp | null;
  readonly doneBy: string | null;
}

/** Something that goes wrong for those who use what runs. */
export interface Incident {
  readonly number: number;
  readonly title: string;
  readonly environment: string | null;
  readonly release: ReleaseId | null;
  readonly impact: Impact;
  readonly scope: IncidentScope;
  /** What the table says. */
  readonly proposed: Severity;
  /** Which rule of the table says so; null in older ones. */
  readonly rule: string | null;
  /** What a person says; null until somebody has. */
  readonly confirmed: Severity | null;
  readonly confirmedBy: string | null;
  /** Where it came from, as `intercom 42`; null where somebody told of it here. */
  readonly source: string | null;
  readonly openedBy: string;
  readonly openedAt: Timestamp;
  readonly closedAt: Timestamp | null;
  /** Null while it is open. */
  readonly rootCause: string | null;
  readonly notes: readonly { readonly at: Timestamp; readonly by: string; readonly text: string }[];
  readonly followUps: readonly FollowUp[];
}

/** The severity that counts: what a person says, and until then what was proposed. */
export const severityNow = ({ proposed, confirmed }: Pick<Incident, "proposed" | "confirmed">): Severity =>
  confirmed ?? proposed;
