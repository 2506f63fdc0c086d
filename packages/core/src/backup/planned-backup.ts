import type { Argv } from "../project/project.ts";
import type { Millis } from "../units.ts";

/** What every backup says that `ops/backups.yaml` of a commit asks for, whatever makes it. */
export interface PlannedOfAny {
  /** Its duties are `backup/<name>` and `drill/<name>`. */
  readonly name: string;
  /** Where its secrets are looked up. */
  readonly environment: string;
  /** How much may be lost. */
  readonly rpo: Millis;
  /** Somebody else makes them: what the repository has is read, and nothing is made. Absent where Fairway makes them. */
  readonly watch?: true;
  /** A file that whoever makes the backups must not be able to delete; absent where nothing is probed. */
  readonly deleteProbe?: PlannedDeleteProbe;
  /** What is looked at of the server itself, each minute; absent where nothing is. */
  readonly monitor?: PlannedMonitor;
}

/** A file of the repository that must outlive whoever makes backups. */
export interface PlannedDeleteProbe {
  readonly file: string;
  /** The user of the machine that makes backups; null for the daemon's own. */
  readonly as: string | null;
}

/** When people are told of a server whose log does not get away. */
export interface PlannedMonitor {
  /** The name of the secret with its address. */
  readonly database: string;
  /** How many standbys follow it. */
  readonly standbys: number;
  readonly lag: { readonly warn: Millis; readonly page: Millis };
  /** How long nothing may be archived while something is written; null where nothing is archived. */
  readonly archive: Millis | null;
}

/** A program of the production's release, started on a restored copy. */
export interface PlannedBoot {
  readonly service: string;
  readonly path: string;
  readonly port: number;
  readonly within: Millis;
  /** Variables, and the names of the secrets whose values they are told. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** What is looked at on a copy of a database. */
interface PlannedCopy {
  /** Roles that what is restored speaks of and no dump holds. */
  readonly roles: readonly string[];
  /** A question to the copy that answers with the moment of its newest row; null where nothing beats. */
  readonly heartbeat: string | null;
  /** Absent where no program is started on it. */
  readonly boot?: PlannedBoot;
}

/** Dumps of a database that somebody else keeps. */
export interface PlannedDump extends PlannedOfAny, PlannedCopy {
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
}

/** Files and log of a server, by pgBackRest. */
export interface PlannedPgBackRest extends PlannedOfAny, PlannedCopy {
  readonly driver: "pgbackrest";
  readonly stanza: string;
  readonly config: string;
  readonly repository: number;
  /** The name of the secret with the repository's passphrase; null where the configuration has it. */
  readonly key: string | null;
  /** When one is full; null where only the first is. */
  readonly full: string | null;
  /** The name of the secret with the database's address; null where its migrations are not compared. */
  readonly database: string | null;
  readonly superuser: string;
}

/** Files of releases, after each deployment to production, by restic. */
export interface PlannedRestic extends PlannedOfAny {
  readonly driver: "restic";
  /** As restic names it, without a password in it. */
  readonly repository: string;
  /** The name of the secret with its password. */
  readonly password: string;
  /** How long after a deployment its files may be on their way; null where a directory is backed up by a schedule. */
  readonly within: Millis | null;
  /** What is backed up by a schedule; empty for files of releases. */
  readonly paths: readonly string[];
  /** Variables that restic finds its storage by, and the names of the secrets whose values they are told. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Whatever else makes backups, by four commands. */
export interface PlannedCommand extends PlannedOfAny, PlannedCopy {
  readonly driver: "command";
  readonly make: Argv | null;
  readonly list: Argv;
  readonly restore: Argv;
  readonly verify: Argv;
  /** What `restore` leaves: files to be looked at, or a dump of PostgreSQL's. */
  readonly restores: "files" | "dump";
  readonly secrets: Readonly<Record<string, string>>;
  readonly timeout: Millis;
  /** As of a dump; null where its migrations are not compared. */
  readonly database: string | null;
}

/** Recovery points of AWS Backup, which AWS itself makes and tries. */
export interface PlannedAwsBackup extends PlannedOfAny {
  readonly driver: "aws-backup";
  readonly region: string;
  /** The names of the secrets with an access key; absent where the daemon has a role. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly vault: string;
  /** Where every recovery point is copied to, and how far behind that may be; absent where nowhere. */
  readonly copy?: { readonly vault: string; readonly within: Millis };
  /** What is backed up, by ARN. */
  readonly resource: string;
  /** As whom AWS Backup does it, by ARN. */
  readonly role: string;
  /** The plan by which AWS restores recovery points to try them, by its name or as it is kept; absent where none does. */
  readonly restoreTest?:
    | string
    | { readonly schedule: string; readonly resourceType: string; readonly validateHours: number };
  /** A plan that is kept so there, by which AWS makes backups and copies; absent where Fairway begins each. */
  readonly plan?: { readonly schedule: string; readonly keepDays: number; readonly copyKeepDays: number };
}

/** Backups of something of a project's own, as `ops/backups.yaml` of a commit asks for them. */
export type PlannedBackup = PlannedDump | PlannedPgBackRest | PlannedRestic | PlannedCommand | PlannedAwsBackup;
