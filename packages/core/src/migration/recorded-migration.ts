import type { Digest } from "../ids.ts";
import type { MigrationClass } from "./migration.ts";

/** What a database says of a migration that was begun or done in it. */
export interface RecordedMigration {
  readonly id: string;
  /** Of the file as it was then; null where the tool keeps none. */
  readonly checksum: Digest | null;
  readonly state: "running" | "applied" | "failed";
  readonly appliedAt: string | null;
  /** What went wrong, in words for people. */
  readonly trouble: string | null;
  /** As it was judged then; absent where nobody judged it. */
  readonly class?: MigrationClass | undefined;
  /** Whose it is, where that is known: several services may share a database. */
  readonly service?: string | undefined;
  /** Absent where Fairway applied it; else the tool whose own record says that it was. */
  readonly adoptedFrom?: string | undefined;
}

/** What a database has, or why it could not be asked. */
export type DatabaseState =
  | { readonly recorded: readonly RecordedMigration[] }
  | {
      /** A sentence, without the password that it was tried with. */
      readonly unreachable: string;
      /** Nobody answered at all: no server, none that can be found, or none in time. Absent where one answered, and said no. */
      readonly silent?: boolean | undefined;
    };
