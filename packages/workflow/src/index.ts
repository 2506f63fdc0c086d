export { canRun, checkWorkflow, checkWorkflowBytes } from "./checking/check-workflow.ts";
export { formatReport } from "./checking/format-report.ts";
export type { Abilities } from "./checking/judges.ts";
export type { Construct, Fault, FaultRule, Mark, WorkflowReport } from "./checking/report.ts";
export { checkWayBack } from "./checking/way-back-faults.ts";
export { type SarifLog, sarifOf } from "./checking/sarif.ts";
export {
  evaluate,
  evaluateCondition,
  evaluateExpression,
  evaluateText,
  evaluateTexts,
  isTruthy,
  textOfJson,
} from "./expressions/evaluate.ts";
export type { ExpressionFunctions } from "./expressions/functions.ts";
export type * from "./model/action.ts";
export type * from "./model/event.ts";
export type * from "./model/job.ts";
export type * from "./model/json.ts";
export { formatProblem, type Problem, type SourcePlace } from "./model/place.ts";
export type * from "./model/plan.ts";
export type * from "./model/step.ts";
export type * from "./model/template.ts";
export type * from "./model/triggers.ts";
export type * from "./model/workflow.ts";
export { decideTrigger } from "./planning/decide-trigger.ts";
export { letsThrough } from "./planning/ref-filter.ts";
export { concurrencyOf } from "./planning/job-instances.ts";
export { type Move, nextJobs, type NextJobs } from "./planning/next-jobs.ts";
export type { DefaultPermissions } from "./planning/permissions.ts";
export { planRefusals, type RunAbilities } from "./planning/plan-refusals.ts";
export { type Planned, type PlanSettings, planWorkflow, type WorkflowFiles } from "./planning/plan-workflow.ts";
export {
  combinedOutcome,
  type InstanceState,
  type InstanceStates,
  type JobOutcome,
  type JobResult,
  type RunFacts,
} from "./planning/run-states.ts";
export { nextScheduledRuns, type ScheduledRun } from "./planning/schedule.ts";
export { secretsWithin } from "./planning/secrets-within.ts";
export { type UsedAction, usedActions } from "./planning/used-actions.ts";
export { type ActionReading, readAction } from "./reading/read-action.ts";
export { readWorkflow, type WorkflowReading } from "./reading/read-workflow.ts";
export type { BuiltInAction } from "./actions/built-in.ts";
export { builtInAction, builtInActionNames } from "./actions/registry.ts";
export * from "./running/job-host.ts";
export type { JobSurroundings, ServiceAddresses } from "./running/job-surroundings.ts";
export { type JobRetry, runJob } from "./running/run-job.ts";
export type { JobEnd, StepEnd, StepRecord } from "./running/step-record.ts";
export { type JobUser, type RemoteJobOptions, runJobInChild } from "./running/remote-job.ts";
export { type ActionLock, actionLockFile, formatActionLock, readActionLock } from "./actions/action-lock.ts";
export { ActionSource, type ActionSourceOptions } from "./actions/action-source.ts";
