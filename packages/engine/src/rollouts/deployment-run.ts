import type { DeploymentPlan, Digest, Environment, Release } from "@fairway/core";
import { environmentOf, queueRuleOf, serviceOf } from "@fairway/core";
import { deploymentStacks } from "../infrastructure/deployment-jobs.ts";
import { migrationJobs } from "../migrations/migration-jobs.ts";
import type { LockRequest } from "../store/environment-locks.ts";
import type { Protection } from "../gates/protection.ts";
import { noProtection } from "../gates/protection.ts";
import type { JobPlan, RunPlan } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";

/** What every job of a deployment is told. */
export interface DeploymentInput {
  readonly plan: DeploymentPlan;
  /** Of the plan: what the approvals are bound to, and what is compared again once the environment is held. */
  readonly digest: Digest;
  /** Only in the job of one service. */
  readonly service: string | null;
}

/** What the `begin` job finds out once the environment is held. */
export type Begun = {
  /** What really ran then; it may be newer than the plan when the deployment had to wait its turn. */
  readonly from: string | null;
  /** The release of each service that ran another one; absent where none did. */
  readonly mixed?: Readonly<Record<string, string>>;
};

const minute = 60_000;
/** For writing rows; generous, because the database may be away for a while. */
const recordTimeout = 5 * minute;
/** The way back gets its own time: it starts when the time of the way there may be used up. */
const restoreTimeout = 30 * minute;

const approvalJob = "approval";
const noticeJob = "notice";
const lockJob = "lock";
export const beginJob = "begin";
const rolloutJob = (service: string): string => `rollout:${service}`;
const verifyJob = "verify";
const bakeJob = "bake";
const retireJob = "retire";
const finishJob = "finish";
const restoreJob = "restore";

/**
 * The run of one deployment: approvals, the environment's lock, a rollout for every service in dependency order,
 * verification, and the record; infrastructure is changed before the services move. When anything after the lock goes
 * wrong, or a person stops it, `restore` brings the release from before back, whole.
 */
export function planDeploymentRun(
  plan: DeploymentPlan,
  digest: Digest,
  release: Release,
  requestedBy: string,
  asked: "by name" | "automatically" = "by name",
  { terms, freezes, notice }: Protection = noProtection,
): RunPlan {
  const environment = environmentOf(release.project, plan.environment);
  const deadline = environment?.deadline ?? restoreTimeout;
  const verifyTime =
    environment?.verify.reduce((total, check) => total + check.timeout * (1 + (check.retries ?? 0)), minute) ?? minute;
  const told = (service: string | null = null): JobPlan["input"] =>
    asJson({ plan, digest, service } satisfies DeploymentInput);
  const after = (
    name: string,
    stage: string,
    needs: readonly string[],
    timeout: number,
    service?: string,
  ): JobPlan => ({
    name,
    stage,
    needs,
    turn: "after-success",
    input: told(service ?? null),
    timeout,
  });

  const approval: readonly JobPlan[] =
    plan.approvals === 0
      ? []
      : [{ ...after(approvalJob, "approval", [], 0), input: { needed: plan.approvals, digest } }];
  const notices: readonly JobPlan[] = notice === 0 ? [] : [{ ...after(noticeJob, "notice", [], 0), input: { notice } }];
  const goesBack = plan.reason === "rollback";
  const stacks = deploymentStacks(plan, release, [goesBack ? finishJob : beginJob]);
  const begun = [beginJob, ...(goesBack ? [] : stacks.last)];
  const databases = migrationJobs(plan);
  const migrate = databases.before.map((job) => after(job.name, job.stage, begun, deadline, job.service));
  const migrated = [...begun, ...databases.before.map((job) => job.name)];
  // A preview's new databases are filled once they have their tables, and before anybody reads them.
  const seeds = plan.rollouts
    .filter(({ service }) => environment?.preview?.seed?.[service] !== undefined && !goesBack)
    .map(({ service }) =>
      after(`seed:${service}`, "seed", migrated, environment?.preview?.seed?.[service]?.timeout ?? deadline, service),
    );
  const ready = [...migrated, ...seeds.map((job) => job.name)];
  const rollouts = plan.rollouts.map(({ service, after: needs }) =>
    after(
      rolloutJob(service),
      "rollout",
      [...ready, ...needs.map(rolloutJob)],
      signedWithin(environment, service, deadline),
      service,
    ),
  );
  const verify = after(verifyJob, "verify", [...ready, ...rollouts.map((job) => job.name)], verifyTime);
  // Only where something waits until the old version is gone, or the new one is watched: the way back is as short as ever.
  const isWatched = environment?.bake !== undefined && !goesBack;
  const bake =
    databases.after.length === 0 && !isWatched ? [] : [after(bakeJob, "bake", [verifyJob], bakeTimeOf(plan, release))];
  const retire = plan.retired.length > 0 ? [after(retireJob, "retire", [finishJob], deadline)] : [];
  // After the record: what goes wrong now must not bring the old version back, which could not run any more.
  const contract = databases.after.map((job) =>
    after(job.name, job.stage, retire.length > 0 ? [retireJob] : [finishJob], deadline, job.service),
  );
  return {
    kind: "deployment",
    title: titleOf(plan),
    subject: { environment: plan.environment, release: plan.release, from: plan.from, reason: plan.reason, digest },
    requestedBy,
    terms,
    jobs: [
      ...approval,
      ...notices,
      {
        ...after(
          lockJob,
          "lock",
          [...approval, ...notices].map((job) => job.name),
          0,
        ),
        input: asJson({
          environment: plan.environment,
          urgent: plan.reason === "rollback",
          queue: environment === undefined ? "all" : queueRuleOf(environment),
          order: { committedAt: release.revision.committedAt, number: Number(release.id.slice(1)) },
          yields: asked === "automatically",
          ...(freezes.length === 0 ? {} : { freezes }),
        } satisfies LockRequest),
      },
      after(beginJob, "begin", [lockJob], recordTimeout),
      ...(goesBack ? [] : stacks.jobs),
      ...migrate,
      ...seeds,
      ...rollouts,
      verify,
      ...bake,
      {
        ...after(
          restoreJob,
          "restore",
          [...rollouts, verify, ...bake].map((job) => job.name),
          // Owners who were asked are asked again for the way back.
          Math.max(restoreTimeout, ...plan.rollouts.map(({ service }) => signedWithin(environment, service, 0))),
        ),
        turn: "after-trouble",
      },
      after(finishJob, "finish", [verifyJob, ...bake.map((job) => job.name)], recordTimeout),
      ...(goesBack ? stacks.jobs : []),
      ...retire,
      ...contract,
    ],
  };
}

/** Owners of a multi-signature wallet sign when they come to it; a release whose contracts wait for them is not late. */
const signatureTime = 30 * 24 * 60 * minute;

function signedWithin(environment: Environment | undefined, service: string, deadline: number): number {
  const chain = environment?.placements.find((placement) => placement.service === service)?.chain;
  return chain !== undefined && "safe" in chain.by ? Math.max(deadline, signatureTime) : deadline;
}

/**
 * A journey that is made elsewhere is taken within a minute, and whoever took it is waited for a little longer than it may
 * last.
 */
const workerPatience = 2 * minute;

function bakeTimeOf({ migrations = [], environment: name }: DeploymentPlan, { project }: Release): number {
  const bakes = migrations
    .filter(({ phase }) => phase === "after-rollout")
    .map(({ service }) => serviceOf(project, service)?.migrations?.bake ?? 0);
  const environment = environmentOf(project, name);
  const journeys = (environment?.synthetics ?? []).reduce(
    (total, { timeout, locations }) => total + locations.length * (timeout + workerPatience),
    0,
  );
  // The last round of journeys may begin when the time is up, each of them twice.
  return Math.max(0, environment?.bake ?? 0, ...bakes) + 2 * journeys + recordTimeout;
}

function titleOf(plan: DeploymentPlan): string {
  switch (plan.reason) {
    case "deploy":
      return `deploy ${plan.release} to ${plan.environment}`;
    case "promotion":
      return `promote ${plan.release} to ${plan.environment}`;
    case "rollback":
      return `roll ${plan.environment} back to ${plan.release}`;
  }
}
