import type { CommitHistory, Project, Repository, RunId, Sha } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { CheckControl } from "../checks/check-control.ts";
import type { InfrastructureControl } from "../infrastructure/infrastructure-control.ts";
import type { ControlPlane } from "../promotions/control-plane.ts";
import type { Engine } from "../runs/engine.ts";
import type { Sql } from "../store/store.ts";
import type { Firing, FiringOutcome } from "../store/trigger-firings.ts";
import type { WorkflowRequest, WorkflowStart } from "../workflows/start-workflow.ts";
import type { TriggerProject } from "./trigger-project.ts";

/** What is started with. */
export interface CarryOutParts {
  readonly sql: Sql;
  readonly engine: Pick<Engine, "run">;
  readonly plane: ControlPlane;
  readonly repository: Repository;
  readonly history: CommitHistory;
  readonly read: TriggerProject | null;
  /** Why an environment does not take a release for where its commit comes from; empty when it does. */
  readonly sourceProblems: (project: Project, environment: string, sha: Sha) => Promise<readonly string[]>;
  readonly startWorkflow: (request: WorkflowRequest) => Promise<WorkflowStart>;
  readonly infrastructure: Pick<InfrastructureControl, "plan">;
  readonly checks: Pick<CheckControl, "verify">;
}

/** That a run was started for it. */
export const started = (run: RunId, why: string): FiringOutcome => ({ state: "started", run, why });

/** By which a run of a firing is known, so that there is one however often it is started. */
export const keyOf = ({ number }: Firing, what: string): string => `trigger-${number}/${what}`;

/** For whom a run is started. */
export const requester = ({ by, trigger }: Firing): string => `${by} (trigger ${trigger})`;

/** The commit that a firing is about: that of its event, or the main branch's. */
export function commitOf({ read }: CarryOutParts, { sha }: Firing): Sha {
  const found = sha ?? read?.sha;
  if (found !== undefined) return found;
  throw new FairwayError("revision_not_found", "the main branch has no commit yet");
}
