import type { Millis } from "../units.ts";

/** Backups of a project's own database, as `ops/backups.yaml` of a commit asks for them. */
export interface PlannedBackup {
  /** Its duties are `backup/<name>` and `drill/<name>`. */
  readonly name: string;
  /** Where its secrets are looked up. */
  readonly environment: string;
  /** A logical dump, encrypted before it touches the disk. */
  readonly driver: "pg_dump";
  /** The name of the secret with the database's address. */
  readonly database: string;
  /** Whom it is encrypted to: a public key of age. */
  readonly recipient: string;
  /** The name of the secret with the key that opens it. */
  readonly identity: string;
  /** Holds a directory for each backup. */
  readonly directory: string;
  readonly keep: number;
  /** Roles that what is restored speaks of and no dump holds. */
  readonly roles: readonly string[];
  /** A question to the copy that answers with the moment of its newest row; null where nothing beats. */
  readonly heartbeat: string | null;
  /** How much may be lost. */
  readonly rpo: Millis;
}
