import type { AttemptId, Repository, SecretSource } from "@fairway/core";
import { attemptId, codeOf, FairwayError, isTerminal, messageOf } from "@fairway/core";
import type { JobHost, JobInstance, JobSurroundings, JsonObject } from "@fairway/workflow";
import { networkEnvironment } from "../commands/network-environment.ts";
import type { CommandUser } from "../commands/run-as.ts";
import { sweepCommands } from "../commands/sweep-commands.ts";
import type { DataDirectory } from "../data-directory.ts";
import { digestOf } from "../digest.ts";
import type { Attempt, Json, Outcome, Stage } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import { withoutOwn } from "../stages/step-command.ts";
import { standingsOf } from "../store/jobs.ts";
import { runById } from "../store/runs.ts";
import type { Sql } from "../store/store.ts";
import { workflowJobStage } from "./decide-jobs.ts";
import { hasJobFolders, jobFolders, removeJobFolders } from "./job-folders.ts";
import { nothing, outcomeOf } from "./job-outcome.ts";
import type { JobPlace } from "./job-place.ts";
import { jobPlaceOf, ownJobPlace } from "./job-place.ts";
import { readableBy, repositoryFor } from "./job-repository.ts";
import { fromFailedStep, keepSteps, keptStepsOf } from "./kept-steps.ts";
import { LockedActions } from "./locked-actions.ts";
import type { WorkflowJobInput, WorkflowRunDocument } from "./run-document.ts";
import { githubOf, runDocument } from "./run-document.ts";
import type { WorkflowHost } from "./workflow-host.ts";
import { workflowHost } from "./workflow-host.ts";
import { namesAfter, secretsFor, varsFor } from "./workflow-secrets.ts";

/** What the jobs of workflows are carried out with. */
export interface WorkflowParts {
  readonly sql: Sql;
  readonly data: DataDirectory;
  readonly repository: Repository;
  readonly secrets: SecretSource;
  /** What a job may ask of the servers of this daemon; undefined while it has none. */
  readonly services?: ((about: JobIdentity) => Promise<JobServices>) | undefined;
  /** Containers for jobs; undefined where no engine is configured. */
  readonly containers?: JobHost["containers"];
  /** Whom jobs run as, instead of whoever the daemon is; only root may say so. */
  readonly user?: CommandUser | undefined;
  /** Where actions of other repositories are fetched from: GitHub, unless there is a mirror. */
  readonly actionServer?: string | undefined;
}

/** Who a job is, to the servers that it may ask. */
export interface JobIdentity {
  readonly attempt: AttemptId;
  readonly instance: JobInstance;
  readonly github: JsonObject;
  readonly environment: string | undefined;
  /** Whether its code is of people who may not see secrets, nor save what others take. */
  readonly fromFork: boolean;
}

/** Addresses and tokens of one job, which end with it. */
export interface JobServices {
  readonly addresses: JobSurroundings["services"];
  /** What tools that no action starts find their caches by; in the environment of every step. */
  readonly toolEnv?: Readonly<Record<string, string>>;
  readonly identityToken: JobHost["identityToken"];
  /** Values that nobody may read in a log. */
  readonly masks: readonly string[];
  close(): void;
}

/** What is found out once, when the attempt begins. */
interface Beginning {
  readonly number: number;
  readonly startedAt: number;
  /** Why it does not run at all. */
  readonly refusal: string | null;
  /** The step to begin with again, after an attempt that failed there. */
  readonly from: string | null;
}

/** Carries out one job of a workflow: its steps are the steps of the attempt. */
export function workflowJob(parts: WorkflowParts): Stage {
  const place = placeOnce(parts);
  let actions: LockedActions | undefined;
  return {
    name: workflowJobStage,
    async run(attempt: Attempt): Promise<Outcome> {
      const here = await place();
      actions ??= new LockedActions(parts.repository, here.actions, parts.actionServer);
      const { document: digest, instance, gates } = attempt.input as unknown as WorkflowJobInput;
      const document = await runDocument(parts.sql, digest);
      const kept = await earlierSteps(parts.data, here, attempt, instance);
      const beginning = (await attempt.step("begin", () => begin(parts, here, attempt, gates, kept?.from ?? null), {
        title: () => "Set up job",
        standing: () => ({ state: "succeeded", message: null }),
      })) as unknown as Beginning;
      if (beginning.refusal !== null)
        return { outcome: "aborted", reason: beginning.refusal, result: asJson(nothing("cancelled")) };
      return carryOut({ ...parts, place: here, actions }, attempt, document, instance, beginning, kept);
    },
  };
}

/** The place is made when the first job wants it. One that could not be made is tried again by the next. */
function placeOnce({ data, user }: WorkflowParts): () => Promise<JobPlace> {
  let made: JobPlace | undefined;
  return async () => (made ??= user === undefined ? ownJobPlace(data) : await jobPlaceOf(data, user));
}

/** What one job is carried out with. */
type JobParts = WorkflowParts & { readonly place: JobPlace; readonly actions: LockedActions };

type Kept = ReturnType<typeof fromFailedStep>;

/** The steps of the attempt before that stand for steps of this one, when it was given the same to do. */
async function earlierSteps(
  data: DataDirectory,
  place: JobPlace,
  attempt: Attempt,
  instance: JobInstance,
): Promise<Kept> {
  const number = Number(attempt.id.slice(attempt.id.lastIndexOf("/") + 1));
  if (number < 2) return undefined;
  const before = await keptStepsOf(data.attempt(attemptId(attempt.run, attempt.job, number - 1)));
  const isSame = before?.of === digestOf(instance) && hasJobFolders(place, attempt.run, attempt.job);
  return isSame ? fromFailedStep(before) : undefined;
}

async function begin(
  { sql }: WorkflowParts,
  place: JobPlace,
  attempt: Attempt,
  gates: readonly string[],
  from: string | null,
): Promise<Json> {
  const [run, jobs] = await Promise.all([runById(sql, attempt.run), standingsOf(sql, attempt.run)]);
  // What a job that begins anew finds must not depend on an attempt before it.
  if (from === null) await removeJobFolders(place, attempt.run, attempt.job);
  const closed = jobs.find((job) => gates.includes(job.name) && isTerminal(job.state) && job.state !== "succeeded");
  const refusal = closed === undefined ? null : (closed.reason ?? `${closed.name} did not let it through`);
  return asJson({ number: run.number, startedAt: Date.now(), refusal, from } satisfies Beginning);
}

async function carryOut(
  parts: JobParts,
  attempt: Attempt,
  document: WorkflowRunDocument,
  instance: JobInstance,
  beginning: Beginning,
  kept: Kept,
): Promise<Outcome> {
  const { data, place, actions } = parts;
  const { runJob, runJobInChild } = await import("@fairway/workflow");
  const number = Number(attempt.id.slice(attempt.id.lastIndexOf("/") + 1));
  const repeats = kept !== undefined && beginning.from === kept.from;
  const environment = instance.environment?.name;
  const [secrets, vars] = await Promise.all([
    secretsFor(parts.secrets, document, environment, instance.secretScopes),
    varsFor(parts.secrets, document, environment, namesAfter("vars", JSON.stringify(instance))),
  ]);
  const github = { ...githubOf(document, beginning.number), run_attempt: String(number) };
  const folders = await jobFolders(place, attempt.run, attempt.job, document.fromFork);
  const services = await parts.services?.({
    ...{ attempt: attempt.id, instance, github, environment },
    fromFork: document.fromFork,
  });
  const host = await workflowHost({
    attempt,
    data,
    folders,
    secrets,
    vars,
    startedAt: beginning.startedAt,
    titles: titlesOf(instance),
    before: repeats ? kept.before : new Map<string, Json>(),
    masks: services?.masks ?? [],
    user: place.user,
    containers: parts.containers,
    identityToken: (audience) =>
      services?.identityToken(audience) ??
      Promise.reject(new FairwayError("not_allowed_now", "this daemon issues no identity tokens")),
    repository: async (wanted) =>
      readableBy(place, parts.repository, attempt, await repositoryFor(parts.repository, document, wanted)),
    action: (wanted) => actions.files(document.event.sha, wanted),
  });
  try {
    const around = {
      github,
      needs: instance.needsContext,
      runnerName: "fairway",
      baseEnv: { ...toolEnvFor(instance, services?.toolEnv), ...baseEnvironment() },
      services: services?.addresses ?? {},
      debug: secrets["ACTIONS_STEP_DEBUG"] === "true" || vars["ACTIONS_STEP_DEBUG"] === "true",
    };
    const retry = repeats ? { from: kept.from, attempt: number } : undefined;
    const end =
      place.user === undefined
        ? await runJob(instance, host, around, retry)
        : await runJobInChild(instance, host, around, { user: place.user, ...(retry && { retry }) });
    await host.close();
    await leave(parts, attempt, instance, host, end.result === "success");
    return outcomeOf(end, instance, host.annotations());
  } catch (thrown) {
    if (attempt.signal.aborted && codeOf(attempt.signal.reason) === "fenced") throw thrown;
    await host.close();
    await leave(parts, attempt, instance, host, false);
    if (codeOf(thrown) !== ("needs_attention" as string)) throw thrown;
    return {
      outcome: "errored",
      reason: messageOf(thrown),
      attention: {
        why: `${attempt.job}: ${messageOf(thrown)}`,
        action: `look at what it did; then go on from that step: fairway run retry ${attempt.run}`,
      },
      result: asJson(nothing("failure")),
    };
  } finally {
    services?.close();
  }
}

/**
 * What the job leaves: nothing that runs, nothing that may hold a secret unmasked, and its files only when they are wanted
 * again.
 */
async function leave(
  { data, place }: JobParts,
  attempt: Attempt,
  instance: JobInstance,
  host: WorkflowHost,
  well: boolean,
): Promise<void> {
  const directory = data.attempt(attempt.id);
  await sweepCommands(directory, () => false);
  await host.forgetOutput();
  if (well) await removeJobFolders(place, attempt.run, attempt.job);
  else await keepSteps(directory, { of: digestOf(instance), steps: host.recorded() });
}

/** What people call the steps, by their places, as far as that is known before they run. */
function titlesOf({ job }: JobInstance): ReadonlyMap<string, string> {
  return new Map(
    job.steps.map((step, index) => {
      const name = step.name ?? (step.kind === "run" ? step.run : undefined);
      const [first = ""] = name?.kind === "literal" ? name.text.trim().split("\n") : [];
      const title = step.name === undefined ? `Run ${step.kind === "uses" ? step.uses.reference : first}` : first;
      return [String(index + 1), title || step.id];
    }),
  );
}

/** A workflow that names a tool's own cache keeps it: half of one and half of the other would be neither. */
function toolEnvFor(
  instance: JobInstance,
  env: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return withoutOwn(env, JSON.stringify(instance));
}

/** Of the daemon's own environment: where programs are, the language, and how to reach the network. */
function baseEnvironment(): Readonly<Record<string, string>> {
  const found = Object.entries(process.env).filter(
    (one): one is [string, string] => /^(?:PATH|LANG|LC_ALL|TZ)$/i.test(one[0]) && one[1] !== undefined,
  );
  return { LANG: "C.UTF-8", ...Object.fromEntries(found), ...networkEnvironment() };
}
