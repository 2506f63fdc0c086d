import type { Shared, WrittenCalendar } from "./written-duties.ts";

// What ops/backups.yaml holds, as people write it.

/** What every backup says. */
interface WrittenOfAny extends Shared {
  readonly environment: string;
  readonly owner: string;
  readonly rpo?: string | number | undefined;
  readonly watch?: true | undefined;
  readonly cron?: string | undefined;
  readonly from?: string | undefined;
  readonly grace?: string | number | undefined;
  readonly drill?: Omit<WrittenCalendar, "run"> | undefined;
  readonly "delete-probe"?:
    | (Omit<WrittenCalendar, "run"> & { readonly file: string; readonly as?: string | undefined })
    | undefined;
  readonly monitor?:
    | {
        readonly database?: string | undefined;
        readonly standbys?: number | undefined;
        readonly lag?:
          | { readonly warn?: string | number | undefined; readonly page?: string | number | undefined }
          | undefined;
        readonly archive?: string | number | false | undefined;
      }
    | undefined;
}

interface WrittenCopy {
  readonly roles?: readonly string[] | undefined;
  readonly heartbeat?: string | undefined;
  readonly boot?:
    | {
        readonly service: string;
        readonly path?: string | undefined;
        readonly port?: number | undefined;
        readonly within?: string | number | undefined;
        readonly secrets?: Readonly<Record<string, string>> | undefined;
      }
    | undefined;
}

export interface WrittenDump extends WrittenOfAny, WrittenCopy {
  readonly driver: "pg_dump";
  readonly database: string;
  readonly recipient: string;
  readonly identity: string;
  readonly directory: string;
  readonly keep?: number | undefined;
}

export interface WrittenPgBackRest extends WrittenOfAny, WrittenCopy {
  readonly driver: "pgbackrest";
  readonly stanza: string;
  readonly config?: string | undefined;
  readonly repository?: number | undefined;
  readonly key?: string | undefined;
  readonly full?: string | undefined;
  readonly database?: string | undefined;
  readonly superuser?: string | undefined;
}

export interface WrittenRestic extends WrittenOfAny {
  readonly driver: "restic";
  readonly repository: string;
  readonly password: string;
  readonly within?: string | number | undefined;
  readonly paths?: readonly string[] | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
}

export interface WrittenCommandBackup extends WrittenOfAny, WrittenCopy {
  readonly driver: "command";
  readonly make?: readonly string[] | undefined;
  readonly list: readonly string[];
  readonly restore: readonly string[];
  readonly verify: readonly string[];
  readonly restores?: "files" | "dump" | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly timeout?: string | number | undefined;
  readonly database?: string | undefined;
}

export interface WrittenAwsBackup extends WrittenOfAny {
  readonly driver: "aws-backup";
  readonly region: string;
  readonly credentials?: { readonly "access-key-id": string; readonly "secret-access-key": string } | undefined;
  readonly vault: string;
  readonly copy?: { readonly vault: string; readonly within?: string | number | undefined } | undefined;
  readonly resource: string;
  readonly role: string;
  readonly plan?:
    | { readonly schedule: string; readonly "keep-days": number; readonly "copy-keep-days"?: number | undefined }
    | undefined;
  readonly "restore-test"?:
    | string
    | { readonly schedule: string; readonly type: string; readonly "validate-hours"?: number | undefined }
    | undefined;
}

export type WrittenBackup = WrittenDump | WrittenPgBackRest | WrittenRestic | WrittenCommandBackup | WrittenAwsBackup;

/** Backups.yaml: what is backed up, and how that is shown. */
export interface WrittenBackups {
  readonly backups: Readonly<Record<string, WrittenBackup>>;
}
