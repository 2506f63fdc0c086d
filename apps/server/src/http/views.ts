import type { DeploymentShape, JobShape, Plan, ReleaseShape, Run, RunSummary } from "@fairway/api";
import type { Quarantine, Release, RunId, StrategyOptions } from "@fairway/core";
import { approvalGate } from "@fairway/core";
import type { Deployment, EnvironmentLock, Planned, Run as RunRow, RunDetail } from "@fairway/engine";

/** A plan as clients see it, with what is needed to judge it. */
export function planView({ plan, digest, release, warnings = [] }: Planned): Plan {
  const { only, infrastructure, migrations, contracts, secrets, ...rest } = plan;
  return {
    ...rest,
    ...(infrastructure === undefined
      ? {}
      : { infrastructure: infrastructure.map((stack) => ({ ...stack, after: [...stack.after] })) }),
    ...(migrations === undefined
      ? {}
      : { migrations: migrations.map((one) => ({ ...one, locks: [...one.locks], reasons: [...one.reasons] })) }),
    ...(contracts === undefined ? {} : { contracts: structuredClone(contracts) as NonNullable<Plan["contracts"]> }),
    ...(secrets === undefined ? {} : { secrets: secrets.map((one) => ({ ...one })) }),
    ...(only === undefined ? {} : { only: [...only] }),
    digest,
    revision: release.revision,
    rollouts: plan.rollouts.map((rollout) => ({
      ...rollout,
      strategy: strategyView(rollout.strategy),
      after: [...rollout.after],
    })),
    retired: [...plan.retired],
    leftOut: [...plan.leftOut],
    obstacles: [...plan.obstacles],
    ...(warnings.length === 0 ? {} : { warnings: [...warnings] }),
  };
}

/** The same; the contract's lists may be written to, so each is copied. */
const strategyView = (strategy: StrategyOptions): Plan["rollouts"][number]["strategy"] =>
  structuredClone(strategy) as Plan["rollouts"][number]["strategy"];

export function releaseView(
  release: Release,
  verifiedIn: readonly string[],
  runningIn: readonly string[],
  quarantine: ReleaseShape["quarantine"],
): ReleaseShape {
  const { id, digest, revision, createdAt, leftOut } = release;
  return {
    id,
    digest,
    revision,
    parts: release.parts.map(({ service, artifact, image = null, takenFrom, sbom = null, migrations }) => ({
      service,
      artifact,
      image,
      takenFrom,
      sbom,
      migrations: migrations === undefined ? null : { ...migrations },
    })),
    leftOut: [...leftOut],
    flags: release.manifest?.flags ?? null,
    createdAt,
    verifiedIn: [...verifiedIn],
    runningIn: [...runningIn],
    quarantine,
  };
}

/** The record without the digest, which is the engine's own affair. */
export const deploymentView = ({ digest: _digest, only, ...shown }: Deployment): DeploymentShape => ({
  ...shown,
  only: only && [...only],
});

/** Why a release must not be deployed, as a release and an environment show it. */
export const quarantineNote = (
  quarantine: Pick<Quarantine, "by" | "reason" | "at"> | null,
): ReleaseShape["quarantine"] => quarantine && { by: quarantine.by, reason: quarantine.reason, at: quarantine.at };

/** Why a run needs a person, as clients see it. */
export const attentionView = (attention: RunRow["attention"]): RunSummary["attention"] =>
  attention && { ...attention, interrupted: attention.interrupted ?? null };

export function runSummaryView(run: RunRow, next: readonly RunId[]): RunSummary {
  const subject = run.subject as { readonly environment?: string; readonly release?: string };
  return {
    id: run.id,
    kind: run.kind,
    title: run.title,
    state: run.state,
    stopping: run.stopping,
    paused: run.paused && { ...run.paused },
    attention: attentionView(run.attention),
    requestedBy: run.requestedBy,
    environment: subject.environment ?? null,
    release: subject.release ?? null,
    createdAt: run.createdAt,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    next: [...next],
  };
}

/** A run but for how it left its environment, which its record tells. */
export function runView(
  run: RunDetail,
  next: readonly RunId[],
  locks: readonly EnvironmentLock[],
): Omit<Run, "outcome"> {
  return {
    ...runSummaryView(run, next),
    jobs: run.jobs.map(jobView),
    approval: approvalView(run),
    lock: lockBefore(run, locks),
  };
}

/** The person's lock that a run waits behind. Another run that holds the environment will leave it by itself. */
function lockBefore(run: RunDetail, locks: readonly EnvironmentLock[]): Run["lock"] {
  if (!run.jobs.some(({ stage, state }) => stage === "lock" && state === "waiting")) return null;
  const waited = locks.find(({ waiting }) => waiting.some((waiter) => waiter.run === run.id));
  return waited?.manual && !waited.holder ? { by: waited.manual.by, reason: waited.manual.because } : null;
}

function jobView(job: RunDetail["jobs"][number]): JobShape {
  return {
    name: job.name,
    stage: job.stage,
    state: job.state,
    needs: [...job.needs],
    attempt: job.attempt,
    message: job.message,
    reason: job.reason,
    startedAt: job.startedAt,
    endedAt: job.endedAt,
    steps: job.steps
      .filter((step) => step.attempt === job.attempt)
      .map(({ name, title, state, message, startedAt, endedAt }) => ({
        name,
        title,
        state,
        message,
        startedAt,
        endedAt,
      })),
  };
}

/** What people are asked now; null when nobody is. */
export function approvalView(run: RunDetail): Run["approval"] {
  const waiting = run.jobs.find((job) => job.stage === "approval" && job.state === "waiting");
  const gate = run.gates.find(({ job, attempt }) => job === waiting?.name && attempt === waiting.attempt);
  if (!gate) return stepApproval(run);
  const judged = approvalGate(gate.needed, gate.digest, gate.answers, run.terms);
  return {
    digest: gate.digest,
    needed: gate.needed,
    given: gate.answers.map(({ by, answer, at, note }) => ({ by, answer, at, note })),
    until:
      judged.gate === "waiting" ? judged.until : judged.gate === "closed" ? judged.reason : "the deployment goes on",
    step: null,
    infrastructure: gate.infrastructure && { ...gate.infrastructure, names: [...gate.infrastructure.names] },
  };
}

/** What a rollout asks before it goes on with its steps. */
function stepApproval({ questions: [asked] }: RunDetail): Run["approval"] {
  if (asked === undefined) return null;
  const { digest, weight, question, job } = asked;
  const service = job.slice(job.indexOf(":") + 1);
  return { digest, needed: 1, given: [], until: question, step: { service, weight, question }, infrastructure: null };
}
