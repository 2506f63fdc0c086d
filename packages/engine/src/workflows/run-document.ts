import type { Digest, Verdict } from "@fairway/core";
import type { JobInstance, JsonObject, RunFacts, WorkflowEvent, WorkflowPlan } from "@fairway/workflow";
import { documentOf } from "../store/documents.ts";
import type { Sql } from "../store/store.ts";

/** All that is known of a run of a workflow before any of its jobs has begun. Kept once, by its digest. */
export interface WorkflowRunDocument {
  readonly plan: WorkflowPlan;
  readonly event: WorkflowEvent;
  /** The `github` context; what belongs to the run's number is put in by whoever knows it. */
  readonly github: JsonObject;
  readonly inputs: JsonObject;
  readonly vars: Readonly<Record<string, string>>;
  /** How many people must say yes before a job may go to an environment. */
  readonly approvals: Readonly<Record<string, number>>;
  /** Names of secrets and variables that the files mention. */
  readonly secretNames: readonly string[];
  /** Whether the code is of people who may not see secrets. */
  readonly fromFork: boolean;
}

/** What a run of a workflow says about itself in its row. */
export interface WorkflowSubject {
  readonly file: string;
  readonly event: string;
  readonly ref: string;
  readonly sha: string;
  readonly document: Digest;
  /** Jobs that all others wait for: the turn of the run in its group, an approval of foreign code. */
  readonly before: readonly string[];
}

/** What one job of a workflow is told. */
export interface WorkflowJobInput {
  readonly document: Digest;
  readonly instance: JobInstance;
  /** Jobs that must have succeeded, or this one does not run: approvals and turns. */
  readonly gates: readonly string[];
}

/** What one job of a workflow leaves for those that need it. */
export interface WorkflowJobResult extends Partial<Verdict> {
  readonly result: "success" | "failure" | "cancelled" | "skipped";
  readonly outputs: Readonly<Record<string, string>>;
  readonly environmentUrl?: string;
}

const known = new Map<Digest, WorkflowRunDocument>();
/** Documents never change; those of the runs that go on now are asked for at every step. */
const mostKnown = 32;

/** The document of a run. Throws `not_found`. */
export async function runDocument(sql: Sql, digest: Digest): Promise<WorkflowRunDocument> {
  const found = known.get(digest) ?? (JSON.parse(await documentOf(sql, digest)) as WorkflowRunDocument);
  known.delete(digest);
  known.set(digest, found);
  const [oldest] = known.keys();
  if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
  return found;
}

/** What the run knows from its beginning, for whoever decides about its jobs. */
export const factsOf = (
  document: WorkflowRunDocument,
  run: { readonly number: number; readonly stopping: boolean },
): RunFacts => ({
  github: githubOf(document, run.number),
  vars: document.vars,
  inputs: document.inputs,
  cancelled: run.stopping,
});

/** The `github` context of a run. */
export const githubOf = ({ github }: WorkflowRunDocument, number: number): JsonObject => ({
  ...github,
  run_id: String(number),
  run_number: String(number),
});
