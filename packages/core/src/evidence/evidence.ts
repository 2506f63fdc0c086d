import type { Actor } from "../people/actor.ts";
import type { Timestamp } from "../units.ts";

/** How something went that a duty asks for, with what it means. The list is closed. */
export const evidenceOutcomes = {
  passed: "What the duty asks for is so.",
  failed: "It was looked at, and is not so.",
  partial: "A part of it is done, and the rest is not.",
  missed: "Its time went by, and nobody has shown anything.",
  skipped: "It was left out on purpose; nothing is known of it.",
} as const;

/** A word of the closed list. */
export type EvidenceOutcome = keyof typeof evidenceOutcomes;

/** A file that shows it, by its digest. */
export interface EvidenceArtifact {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** What a board shows of it: the numbers, and never a secret. */
export type EvidenceFacts = Readonly<Record<string, string | number | boolean | null>>;

/** What somebody, or a program, has found of a duty, before it has its place in the record. */
export interface NewEvidence {
  readonly duty: string;
  readonly environment: string | null;
  /** Of a duty that is owed for each release. */
  readonly release: string | null;
  readonly outcome: EvidenceOutcome;
  /** When it was so; it may be put on record later. */
  readonly observedAt: Timestamp;
  /** Whether a program has found it out, by its name; null when a person says so. */
  readonly automation: string | null;
  readonly note: string;
  readonly facts: EvidenceFacts;
  readonly artifacts: readonly EvidenceArtifact[];
  /** Of what it is said: it says nothing of anything that has another digest. Null where a duty watches nothing. */
  readonly digest: string | null;
  /** Counts no longer from then on; null: as long as the duty's cadence lets it. */
  readonly validUntil: Timestamp | null;
  /** The time of a calendar that it is for; null where it is for none in particular. */
  readonly slot: string | null;
  /** The number of the row that it corrects: rows are never changed. */
  readonly corrects: number | null;
  /** The commit whose duties were in force. */
  readonly commit: string | null;
}

/** The same in its place. */
export interface Evidence extends NewEvidence {
  readonly number: number;
  readonly recordedAt: Timestamp;
  readonly by: Actor;
}

/** What evidence is found by: a duty's, or a release's of a duty that is owed for each. */
export const evidenceKey = (duty: string, release: string | null): string =>
  release === null ? duty : `${duty}#${release}`;
