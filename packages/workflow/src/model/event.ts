import type { JsonObject, JsonValue } from "./json.ts";

/** Something that happened to a repository, or a person who asks: what a workflow is started by. */
export interface WorkflowEvent {
  /** `push`, `pull_request`, `workflow_dispatch`, `schedule`, … */
  readonly name: string;
  /** `opened`, `synchronize`, …; undefined for events without kinds. */
  readonly type?: string;
  /** The full ref that the event is about: `refs/heads/main`, `refs/tags/v1`, `refs/pull/3/merge`. */
  readonly ref: string;
  readonly sha: string;
  /** For pull requests: the branch that it goes into and the one that it comes from. */
  readonly baseRef?: string;
  readonly headRef?: string;
  /** Paths that differ; undefined when that could not be told, and then path filters let everything through. */
  readonly changedPaths?: readonly string[];
  /** Values of a workflow that is started by hand or called; checked and completed by the planner. */
  readonly inputs?: Readonly<Record<string, JsonValue>>;
  /** The line of `on.schedule` that has come due. */
  readonly schedule?: string;
  /** Whether it comes from a copy of the repository that others own: such a run gets no secrets. */
  readonly fromFork?: boolean;
  /** `github.event`, as GitHub would send it. */
  readonly payload: JsonObject;
}
