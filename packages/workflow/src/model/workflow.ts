import type { Job } from "./job.ts";
import type { SourcePlace } from "./place.ts";
import type { ExpressionTemplate, LiteralTemplate, MappingTemplate } from "./template.ts";
import type { Triggers } from "./triggers.ts";

/** One workflow file, as read: everything the author wrote, nothing evaluated. */
export interface Workflow {
  readonly file: string;
  readonly name?: string;
  readonly description?: string;
  readonly runName?: LiteralTemplate | ExpressionTemplate;
  readonly triggers: Triggers;
  readonly permissions?: Permissions;
  readonly env?: MappingTemplate | ExpressionTemplate;
  readonly defaults: RunDefaults;
  readonly concurrency?: Concurrency;
  /** In the order of the file. */
  readonly jobs: readonly Job[];
}

/** The shell and folder of steps that name none. */
export interface RunDefaults {
  readonly shell?: LiteralTemplate | ExpressionTemplate;
  readonly workingDirectory?: LiteralTemplate | ExpressionTemplate;
}

/** At most one run of a group goes at a time; how the others wait or make way. */
export interface Concurrency {
  readonly place: SourcePlace;
  readonly group: LiteralTemplate | ExpressionTemplate;
  readonly cancelInProgress?: LiteralTemplate | ExpressionTemplate;
  /** `single` keeps one waiting run and cancels older ones, `max` keeps them all. */
  readonly queue: "single" | "max";
}

/** How far a token reaches into one kind of thing. */
export type AccessLevel = "none" | "read" | "write";

/** What the job's token may do. A kind that is not in `levels` is `none` as soon as any is written. */
export interface Permissions {
  readonly place: SourcePlace;
  /** The short forms `read-all`, `write-all` and `{}` are spelled out by the reader as `all`. */
  readonly all?: AccessLevel;
  readonly levels: Readonly<Record<string, AccessLevel>>;
}
