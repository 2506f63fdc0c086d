import type { Actor } from "../people/actor.ts";
import type { Timestamp } from "../units.ts";
import type { AuditAction } from "./audit-actions.ts";

/** One value of what an entry tells besides. Never a secret: names and versions, not values. */
export type AuditValue =
  | string
  | number
  | boolean
  | null
  | readonly AuditValue[]
  | { readonly [key: string]: AuditValue };

/** A change, a decision or a refusal, before it has its place in the record. */
export interface NewAuditEntry {
  readonly actor: Actor;
  readonly action: AuditAction;
  /** What it was done to: a run's id, a release's, the name of a secret. */
  readonly subject: string;
  /** Null for what concerns no environment, or all. */
  readonly environment: string | null;
  readonly detail?: Readonly<Record<string, AuditValue>>;
}

/** An entry in its place. */
export interface AuditEntry extends Required<NewAuditEntry> {
  /** From 1, without gaps, in the order in which the changes were committed. */
  readonly number: number;
  readonly at: Timestamp;
}

/** The last entry of the record at some moment, signed and kept outside the database. */
export interface AuditHead {
  /** `restored` when a backup has taken the record back to this entry, so that later heads hold no longer. */
  readonly kind: "head" | "restored";
  readonly number: number;
  /** Of the entry and, through it, of all before: SHA-256 in hexadecimal. */
  readonly hash: string;
  readonly at: Timestamp;
  readonly key: string;
  /** Ed25519 over all of the above, in base64. */
  readonly signature: string;
}
