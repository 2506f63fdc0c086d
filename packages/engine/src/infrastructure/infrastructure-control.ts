import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type {
  ApprovalTerms,
  Environment,
  InfrastructureStack,
  Project,
  Release,
  ReleaseId,
  Repository,
  RunId,
  Sha,
} from "@fairway/core";
import { FairwayError, environmentOf, stacksIn } from "@fairway/core";
import type { PlanMode } from "@fairway/infrastructure";
import type { DataDirectory } from "../data-directory.ts";
import { digestOf } from "../digest.ts";
import { termsOfChange } from "../gates/protection.ts";
import { projectAt } from "../promotions/release-facts.ts";
import type { JobPlan, RunPlan } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import { planSummary } from "../store/infrastructure-plans.ts";
import { stateById } from "../store/infrastructure-states.ts";
import type { Store } from "../store/store.ts";
import type { RestoreStateInput } from "./restore-state-stage.ts";
import type { StackApproval, StackJobInput } from "./stack-jobs.ts";
import { infrastructureJobs, lookStageName, planJobOf, planStageName, restoreStageName } from "./stack-jobs.ts";

/** What the control of infrastructure asks of the rest of the engine. */
export interface InfrastructureParts {
  readonly store: Store;
  readonly data: DataDirectory;
  readonly repository: Repository;
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
  readonly current: (environment: string) => Promise<Release | null>;
  readonly verifiedIn: (release: ReleaseId) => Promise<readonly string[]>;
  /** Starts a run. With a key, however often it is asked, there is one run for it. */
  readonly startRun: (plan: RunPlan, key?: string) => Promise<RunId>;
}

/** Which stacks, of which commit. */
export interface InfrastructureRequest {
  readonly environment: string;
  /** A release, `r12`, or what git knows as a commit; what runs there, or else HEAD, where it is null. */
  readonly of: string | null;
  /** Only these; all of the environment when left out. */
  readonly stacks?: readonly string[] | undefined;
  readonly by: string;
}

/** What people and schedules may ask of infrastructure. Each answers with the run that does it. */
export interface InfrastructureControl {
  /** The stacks of an environment as the commit has them. Throws `not_found`. */
  stacks(environment: string, of: string | null): Promise<readonly InfrastructureStack[]>;
  /** Plans, and changes nothing. */
  plan(request: InfrastructureRequest, key?: string): Promise<RunId>;
  /** Plans, asks and applies; or asks about and applies a plan that was made. Throws `not_allowed_now`. */
  apply(request: InfrastructureRequest & { readonly plan?: number | undefined }): Promise<RunId>;
  /** Takes all of an environment's stacks away; its name must have been typed. Throws `bad_request`. */
  destroy(request: InfrastructureRequest & { readonly typed: string }): Promise<RunId>;
  /** Compares the world with the code. */
  look(request: InfrastructureRequest, key?: string): Promise<RunId>;
  /** Lets the state take over what was changed outside. */
  adopt(request: InfrastructureRequest): Promise<RunId>;
  /** Puts a kept state back. Throws `not_found`. */
  restoreState(request: { readonly environment: string; readonly state: number; readonly by: string }): Promise<RunId>;
}

interface Source {
  readonly project: Project;
  readonly commit: Sha;
  readonly release: ReleaseId | null;
}

export function infrastructureControl(parts: InfrastructureParts): InfrastructureControl {
  const sourceOf = async (environment: string, of: string | null): Promise<Source> => {
    const release = of === null ? await parts.current(environment) : await namedRelease(parts, of);
    if (release !== null) return { project: release.project, commit: release.revision.sha, release: release.id };
    const revision = await parts.repository.resolve(of ?? "HEAD");
    const scratch = join(parts.data.root, "work");
    await mkdir(scratch, { recursive: true, mode: 0o700 });
    return { project: await projectAt(parts.repository, revision, scratch), commit: revision.sha, release: null };
  };

  const chosen = async (request: Pick<InfrastructureRequest, "environment" | "of" | "stacks">): Promise<Chosen> => {
    const source = await sourceOf(request.environment, request.of);
    return { ...source, ...stacksOf(source.project, request) };
  };

  const start = (
    title: string,
    { environment, by }: InfrastructureRequest,
    jobs: readonly JobPlan[],
    { key, terms }: { readonly key?: string | undefined; readonly terms?: ApprovalTerms } = {},
  ): Promise<RunId> =>
    parts.startRun(
      { kind: "infrastructure", title, subject: asJson({ environment }), requestedBy: by, jobs, terms },
      key,
    );

  const termsOf = async ({ environment }: InfrastructureRequest, of: Chosen): Promise<ApprovalTerms> =>
    termsOfChange(parts.repository, of.environment, await parts.current(environment), of.commit);

  const each = (
    request: InfrastructureRequest,
    { stacks, commit, release, environment }: Chosen,
    stage: string,
    name: (stack: string) => string,
    mode: PlanMode = "change",
  ): readonly JobPlan[] =>
    stacks.map((stack) => ({
      name: name(stack.name),
      stage,
      needs: [],
      turn: "after-success",
      input: asJson({
        environment: request.environment,
        stack,
        commit,
        release,
        mode,
        approvals: environment.approvals,
        plan: null,
      } satisfies StackJobInput),
      timeout: 3 * (stack.timeout + stack.lockTimeout) + 10 * minute,
    }));

  const changing = async (
    title: string,
    request: InfrastructureRequest,
    of: Chosen,
    mode: PlanMode,
    plan?: number,
  ): Promise<RunId> => {
    const { jobs } = infrastructureJobs({
      stacks: of.stacks,
      environment: request.environment,
      commit: of.commit,
      release: of.release,
      mode,
      approvals: of.environment.approvals,
      needs: [lockJob],
      ...(plan === undefined ? {} : { plan }),
    });
    return start(title, request, [lockOf(request.environment), ...jobs], { terms: await termsOf(request, of) });
  };

  return {
    stacks: async (environment, of) => (await chosen({ environment, of })).stacks,
    plan: async (request, key) => {
      const of = await chosen(request);
      return start(
        `plan the infrastructure of ${request.environment}`,
        request,
        each(request, of, planStageName, planJobOf),
        { key },
      );
    },
    async apply(request) {
      if (request.plan === undefined) {
        const of = await chosen(request);
        await assertMayCome(parts, request, of);
        return changing(`change the infrastructure of ${request.environment}`, request, of, "change");
      }
      const kept = await planSummary(parts.store, request.plan);
      if (kept.environment !== request.environment)
        throw new FairwayError(
          "bad_request",
          `plan ${kept.id} is of ${kept.environment}, not of ${request.environment}`,
        );
      if (kept.state !== "planned")
        throw new FairwayError("not_allowed_now", `plan ${kept.id} is ${kept.state}: a plan is applied once`, {
          hint: `make another: fairway infrastructure plan ${request.environment}`,
        });
      const of = await chosen({ ...request, of: kept.release ?? kept.commit, stacks: [kept.stack] });
      await assertMayCome(parts, { ...request, of: kept.release ?? kept.commit }, of);
      return changing(`apply plan ${kept.id} to ${request.environment}`, request, of, kept.mode, kept.id);
    },
    async destroy(request) {
      if (request.typed !== request.environment)
        throw new FairwayError("bad_request", `the name that was typed is not ${request.environment}`, {
          hint: `to take all of its infrastructure away: fairway infrastructure destroy ${request.environment} --name ${request.environment}`,
        });
      const of = await chosen(request);
      return changing(`take the infrastructure of ${request.environment} away`, request, of, "destroy");
    },
    look: async (request, key) => {
      const of = await chosen(request);
      const program = { ...of, stacks: of.stacks.filter((stack) => typeof stack.program === "string") };
      const jobs = each(request, program, lookStageName, (stack) => `look:${stack}`);
      return start(`look for drift in ${request.environment}`, request, jobs, { key });
    },
    adopt: async (request) =>
      changing(`take over what was changed in ${request.environment}`, request, await chosen(request), "refresh-only"),
    async restoreState({ environment, state, by }) {
      const kept = await stateById(parts.store, state);
      const { stack: name } = kept;
      if (kept.environment !== environment)
        throw new FairwayError("not_found", `state ${state} is of ${kept.environment}, not of ${environment}`);
      const request = { environment, of: null, stacks: [name], by };
      const of = await chosen(request);
      const asks: StackApproval = {
        needed: Math.max(1, of.environment.approvals),
        digest: digestOf({ restore: kept.id, digest: kept.digest, environment, stack: name }),
        infrastructure: null,
        names: [name],
      };
      const approval: JobPlan = {
        name: approvalJob,
        stage: "approval",
        needs: [],
        turn: "after-success",
        input: asJson(asks),
        timeout: 0,
      };
      const jobs = each(request, of, restoreStageName, (stack) => `restore:${stack}`).map((job) => ({
        ...job,
        needs: [lockJob],
        input: asJson({ ...(job.input as unknown as StackJobInput), state } satisfies RestoreStateInput),
      }));
      const lock = { ...lockOf(environment), needs: [approvalJob] };
      return start(`put state ${state} of ${name} in ${environment} back`, request, [approval, lock, ...jobs], {
        terms: await termsOf(request, of),
      });
    },
  };
}

interface Chosen extends Source {
  readonly stacks: readonly InfrastructureStack[];
  readonly environment: Environment;
}

const minute = 60_000;
const lockJob = "lock";
const approvalJob = "approval";

const lockOf = (environment: string): JobPlan => ({
  name: lockJob,
  stage: "lock",
  needs: [],
  turn: "after-success",
  input: { environment },
  timeout: 0,
});

async function namedRelease(parts: InfrastructureParts, of: string): Promise<Release | null> {
  return /^r\d+$/u.test(of) ? parts.releaseOf(of as ReleaseId) : null;
}

function stacksOf(
  project: Project,
  { environment: name, stacks: only }: Pick<InfrastructureRequest, "environment" | "stacks">,
): Pick<Chosen, "stacks" | "environment"> {
  const environment = environmentOf(project, name);
  if (environment === undefined)
    throw new FairwayError("not_found", `there is no environment "${name}"`, {
      hint: `there are ${project.environments.map((known) => known.name).join(", ")}`,
    });
  const there = stacksIn(project.infrastructure, name);
  const unknown = (only ?? []).filter((wanted) => !there.some((stack) => stack.name === wanted));
  if (unknown.length > 0 || there.length === 0)
    throw new FairwayError(
      "not_found",
      unknown.length > 0 ? `${name} has no stack "${unknown.join(", ")}"` : `${name} has no infrastructure`,
      {
        hint:
          there.length === 0
            ? "name a folder of Terraform or OpenTofu code in the configuration: infrastructure"
            : `it has ${there.map((stack) => stack.name).join(", ")}`,
      },
    );
  return { environment, stacks: only === undefined ? there : there.filter((stack) => only.includes(stack.name)) };
}

/** Code comes to an environment on the same way as releases do. Throws `not_allowed_now`. */
async function assertMayCome(
  parts: InfrastructureParts,
  { environment: name, of }: InfrastructureRequest,
  { environment: { promotesFrom }, release }: Chosen,
): Promise<void> {
  if (promotesFrom === null || of === null) return;
  const verified = release === null ? [] : await parts.verifiedIn(release);
  if (verified.includes(promotesFrom) || verified.includes(name)) return;
  throw new FairwayError(
    "not_allowed_now",
    `${name} takes only what ${promotesFrom} has verified, and ${of} is ${release === null ? "no release" : "not verified there"}`,
    { hint: `see what it would do: fairway infrastructure plan ${name} ${of}; to bring it: fairway promote ${name}` },
  );
}
