import type { Asker, Repository, RunId, SecretSource } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { ActionLock, PlannedJob, Problem, Workflow, WorkflowPlan } from "@fairway/workflow";
import { whoActs } from "../audit/acting.ts";
import { digestOf } from "../digest.ts";
import type { JobPlan, RunPlan } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import type { Sql } from "../store/store.ts";
import { keepDocument } from "../store/documents.ts";
import { githubContext } from "./github-context.ts";
import type { WorkflowRunDocument, WorkflowSubject } from "./run-document.ts";
import { githubOf } from "./run-document.ts";
import type { EventRequest } from "./workflow-event.ts";
import { workflowEvent } from "./workflow-event.ts";
import { namesAfter, workflowScope } from "./workflow-secrets.ts";

/** What a run of a workflow is asked with. */
export interface WorkflowRequest {
  /** In the repository: `.github/workflows/ci.yml`. */
  readonly file: string;
  readonly ref: string;
  readonly event: EventRequest;
  /** Only this job and what it needs. */
  readonly job: string | null;
  readonly by: string;
  readonly uncommitted: "refuse" | "ignore";
  /** However often it is asked for by one key, there is one run. */
  readonly key?: string;
  /** Who first asked for what this comes of; whoever acts here when it is left out. */
  readonly asker?: Asker;
}

/** A run that was started, or why the event starts none. */
export type WorkflowStart =
  | { readonly run: RunId; readonly reason: string }
  | { readonly run: null; readonly reason: string };

export interface StartWorkflowParts {
  readonly sql: Sql;
  readonly repository: Repository;
  readonly secrets: SecretSource;
  /** How many people must say yes before something goes to an environment; 0 for one that is not configured. */
  readonly approvals: () => Promise<Readonly<Record<string, number>>>;
  /** Whether jobs may have containers. */
  readonly containers: boolean;
  readonly startRun: (plan: RunPlan, key?: string) => Promise<RunId>;
}

const longestTitle = 100;

/**
 * Starts a workflow as a commit has it. Throws `workflow_invalid` with every problem of the file and of what it calls,
 * `not_found` when the commit has no such file, `tree_dirty`, `revision_not_found`.
 */
export async function startWorkflow(parts: StartWorkflowParts, request: WorkflowRequest): Promise<WorkflowStart> {
  const { repository, sql } = parts;
  const revision = await repository.resolve(request.ref);
  if (request.ref === "HEAD" && request.uncommitted === "refuse") await assertClean(repository);
  const { actionLockFile, concurrencyOf, decideTrigger, evaluateText, planRefusals, planWorkflow, readWorkflow } =
    await import("@fairway/workflow");
  const text = await repository.textOf(revision.sha, request.file);
  if (text === undefined)
    throw new FairwayError("not_found", `${revision.short} has no file ${request.file}`, {
      hint: "give its path in the repository, as it is committed",
    });
  const reading = readWorkflow(text, request.file);
  if ("problems" in reading) throw await invalid(request.file, reading.problems);
  const { workflow } = reading;
  const event = await workflowEvent(repository, revision, workflow, request.event, request.by);
  const decision = decideTrigger(workflow, event);
  if (!decision.starts) return { run: null, reason: decision.reason };
  const planned = await planWorkflow(workflow, {
    files: async (reference) =>
      reference.startsWith("./") ? repository.textOf(revision.sha, reference.slice(2)) : undefined,
  });
  if ("problems" in planned) throw await invalid(request.file, planned.problems);
  const plan = request.job === null ? planned.plan : onlyJob(planned.plan, request.job);
  const lock = await readLock(await repository.textOf(revision.sha, actionLockFile));
  const refusals = planRefusals(plan, { containers: parts.containers, lock });
  if (refusals.length > 0) throw await invalid(request.file, refusals);
  const names = JSON.stringify(plan);
  const vars =
    event.fromFork === true ? {} : await parts.secrets.lookUp(`${workflowScope}.vars`, namesAfter("vars", names));
  const { name: repositoryName } = await repository.identity();
  const document: WorkflowRunDocument = {
    plan,
    event,
    github: githubContext(event, workflow, repositoryName, request.by),
    inputs: decision.inputs,
    vars,
    approvals: await parts.approvals(),
    secretNames: namesAfter("secrets", names),
    fromFork: event.fromFork === true,
  };
  const digest = await keepDocument(sql, JSON.stringify(document));
  const before: JobPlan[] = [];
  if (document.fromFork && !(await isApproved(sql, event.sha)))
    before.push(waits("workflow:approval", "approval", { needed: 1, digest: forkDigest(event.sha) }));
  const contexts = { github: githubOf(document, 0), inputs: decision.inputs, vars };
  const called = workflow.runName === undefined ? "" : evaluateText(workflow.runName, contexts).trim();
  if (workflow.concurrency !== undefined) {
    const { group, cancelInProgress, queue } = concurrencyOf(workflow.concurrency, contexts);
    const needs = before.map(({ name }) => name);
    before.push({ ...waits("workflow:turn", "concurrency", { group, holder: null, cancelInProgress, queue }), needs });
  }
  const subject: WorkflowSubject = {
    file: request.file,
    event: event.name,
    ref: event.ref,
    sha: event.sha,
    document: digest,
    before: before.map(({ name }) => name),
  };
  const startRun = (planned: RunPlan): Promise<RunId> => parts.startRun(planned, request.key);
  const run = await startRun({
    kind: "workflow",
    title: (called || titleOf(workflow, document)).slice(0, longestTitle),
    subject: asJson(subject),
    requestedBy: request.by,
    terms: request.asker ?? { requester: whoActs() },
    jobs: [
      ...before,
      ...plan.jobs.map(({ job }) =>
        placeholder(
          job.id,
          job.needs.map(({ id }) => id),
        ),
      ),
    ],
  });
  return { run, reason: decision.reason };
}

/** The commits that actions are locked to; none without a lock. Throws `workflow_invalid`. */
async function readLock(text: string | undefined): Promise<ActionLock> {
  if (text === undefined) return new Map();
  const { actionLockFile, readActionLock } = await import("@fairway/workflow");
  const reading = readActionLock(text);
  if ("problems" in reading) throw await invalid(actionLockFile, reading.problems);
  return reading.lock;
}

/** A job that the plan will decide about. */
const placeholder = (name: string, needs: readonly string[]): JobPlan => ({
  name,
  stage: "planned",
  needs,
  turn: "after-all",
  input: null,
  timeout: 0,
});

const waits = (name: string, stage: string, input: JobPlan["input"]): JobPlan => ({
  name,
  stage,
  needs: [],
  turn: "after-success",
  input,
  timeout: 0,
});

/** What an approval of foreign code is bound to: the commit. */
const forkDigest = (sha: string): ReturnType<typeof digestOf> => digestOf({ runs: "a fork's commit", sha });

/** Whether somebody has let this commit run before. */
async function isApproved(sql: Sql, sha: string): Promise<boolean> {
  const found = await sql.rows("select 1 from fairway.approvals where digest = $1 and answer = 'yes' limit 1", [
    forkDigest(sha),
  ]);
  return found.length > 0;
}

function titleOf(workflow: Workflow, { event }: WorkflowRunDocument): string {
  const ref = event.ref.replace(/^refs\/(?:heads|tags|pull)\//, "");
  return `${workflow.name ?? workflow.file} on ${event.name} of ${ref}`;
}

/** The plan with one job and all that it needs. Throws `not_found`. */
function onlyJob(plan: WorkflowPlan, id: string): WorkflowPlan {
  const byId = new Map(plan.jobs.map((planned) => [planned.job.id, planned]));
  const wanted = new Set<PlannedJob>();
  const visit = (name: string): void => {
    const planned = byId.get(name) ?? plan.jobs.find(({ job }) => job.id.toLowerCase() === name.toLowerCase());
    if (planned === undefined)
      throw new FairwayError("not_found", `${plan.workflow.file} has no job "${name}"`, {
        hint: `it has ${[...byId.keys()].join(", ")}`,
      });
    if (wanted.has(planned)) return;
    wanted.add(planned);
    for (const need of planned.job.needs) visit(need.id);
  };
  visit(id);
  return { ...plan, jobs: plan.jobs.filter((planned) => wanted.has(planned)) };
}

async function invalid(file: string, problems: readonly Problem[]): Promise<FairwayError> {
  const { formatProblem } = await import("@fairway/workflow");
  return new FairwayError("workflow_invalid", `${file} cannot be run`, { problems: problems.map(formatProblem) });
}

async function assertClean(repository: Repository): Promise<void> {
  const paths = await repository.uncommitted();
  if (paths.length === 0) return;
  throw new FairwayError(
    "tree_dirty",
    `${paths.slice(0, 5).join(", ")}${paths.length > 5 ? ", …" : ""} changed since the last commit`,
    {
      hint: "commit it, or run the last commit with --ignore-uncommitted",
      problems: paths,
    },
  );
}
