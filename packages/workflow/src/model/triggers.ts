import type { SourcePlace } from "./place.ts";
import type { Template } from "./template.ts";

/** The events that start a workflow, by the name of the event (`push`, `pull_request`, …). */
export interface Triggers {
  readonly place: SourcePlace;
  readonly events: readonly EventTrigger[];
  readonly schedules: readonly Schedule[];
  /** What a person may fill in when starting it by hand; undefined when it cannot be started by hand. */
  readonly dispatch?: { readonly place: SourcePlace; readonly inputs: readonly InputDefinition[] };
  /** What a caller gives and gets; undefined when no other workflow may call this one. */
  readonly call?: CallDefinition;
}

/** One event and the filters that all must let it through. */
export interface EventTrigger {
  readonly event: string;
  readonly place: SourcePlace;
  readonly types?: readonly string[];
  readonly branches?: RefFilter;
  readonly tags?: RefFilter;
  readonly paths?: RefFilter;
  /** For `workflow_run`: the names of the workflows it follows. */
  readonly workflows?: readonly string[];
  /** For `image_version`: of which images. */
  readonly names?: readonly string[];
  readonly versions?: readonly string[];
}

/** Patterns in order; a later one overrides an earlier one, and `!` takes out. `ignore` turns the whole list round. */
export interface RefFilter {
  readonly place: SourcePlace;
  readonly ignore: boolean;
  readonly patterns: readonly string[];
}

/** One line of `on.schedule`. */
export interface Schedule {
  readonly place: SourcePlace;
  readonly cron: string;
  /** An IANA zone; UTC when the author names none. */
  readonly timezone?: string;
}

/** One typed input of a workflow that is started by hand or called. */
export interface InputDefinition {
  readonly name: string;
  readonly place: SourcePlace;
  readonly type: "string" | "boolean" | "number" | "choice" | "environment";
  readonly description?: string;
  readonly required: boolean;
  readonly default?: Template;
  readonly options?: readonly string[];
}

/** The interface of a workflow that others call. */
export interface CallDefinition {
  readonly place: SourcePlace;
  readonly inputs: readonly InputDefinition[];
  readonly secrets: readonly { readonly name: string; readonly place: SourcePlace; readonly required: boolean }[];
  readonly outputs: readonly { readonly name: string; readonly place: SourcePlace; readonly value: Template }[];
}
