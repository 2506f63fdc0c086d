import type {
  DeploymentShape,
  EnvironmentShape,
  JobShape,
  Plan,
  ReleaseFigures,
  ReleaseShape,
  Run,
  RunSummary,
} from "@fairway/api";
import type {
  Environment,
  EnvironmentWords,
  Quarantine,
  ReadinessFacts,
  Release,
  Replica,
  RunId,
  StrategyOptions,
} from "@fairway/core";
import { approvalGate, healthOf, readinessOf } from "@fairway/core";
import type { Deployment, EnvironmentLock, EnvironmentRuns, Planned, Run as RunRow, RunDetail } from "@fairway/engine";

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

/** What is known of one environment at one moment. */
export interface EnvironmentFacts {
  readonly environment: Environment;
  readonly words: EnvironmentWords;
  readonly current: { readonly release: Release; readonly since: string; readonly run: string } | null;
  readonly previous: string | null;
  /** Which release each service runs that does not run the environment's own. */
  readonly mixed: ReadonlyMap<string, string>;
  readonly quarantine: EnvironmentShape["quarantine"];
  readonly lock: EnvironmentLock | null;
  /** What holds it, and what comes after that. */
  readonly runs: EnvironmentRuns;
  /** The deployment that ended last. */
  readonly last: Deployment | null;
  /** What holds it still now, by its configuration. */
  readonly freeze: EnvironmentShape["freeze"];
  /** What a deployment without a named release would bring. */
  readonly next: ReadinessFacts["next"];
  readonly services: readonly ServiceFacts[];
}

export interface ServiceFacts {
  readonly name: string;
  readonly desired: number;
  readonly urls: readonly string[];
  readonly replicas: readonly Replica[];
  /** Why its replicas could not be looked at. */
  readonly problem: string | null;
  /** By release; null where that is not known. */
  readonly traffic: readonly ReleaseFigures[] | null;
  /** What its users are told instead of being served. */
  readonly maintenance: string | null;
  /** Where its contracts are, where it has some in the place of replicas; null before the first. */
  readonly chain?: EnvironmentShape["services"][number]["chain"];
  /** What runs on without traffic, for the way back. */
  readonly warm: EnvironmentShape["services"][number]["warm"];
}

/** The last deployment that ended, where what it was to bring is not what runs. */
function lastView(last: Deployment | null, current: string | null): EnvironmentShape["last"] {
  if (last === null || last.outcome === null || last.outcome === "deployed" || last.run === current) return null;
  const { run, release, from, outcome, restored, supersededBy, why, beganAt, endedAt } = last;
  return { run, release, from, outcome, restored, supersededBy, why, endedAt: endedAt ?? beganAt };
}

function heldBy(lock: EnvironmentLock | null, { holders }: EnvironmentRuns): EnvironmentShape["holder"] {
  const held = lock?.holder ? holders.get(lock.holder.run) : undefined;
  return held === undefined ? null : { ...held };
}

export function environmentView({
  environment,
  words,
  current,
  previous,
  mixed,
  quarantine,
  lock,
  runs,
  last,
  freeze,
  next,
  services,
}: EnvironmentFacts): EnvironmentShape {
  const { name, purpose, url, deploys, promotesFrom, approvals } = environment;
  const shown = services.map(serviceView);
  const moving = lock?.holder?.run ?? null;
  const locked = lock?.manual
    ? { by: lock.manual.by, reason: lock.manual.because, since: lock.manual.since, until: lock.manual.until }
    : null;
  const health = healthOf(shown);
  const behind = runs.behind.get(name);
  return {
    name,
    purpose,
    url,
    urls: [...words.urls],
    starts: [...words.starts],
    protection: [...words.protection],
    scale: [...words.scale],
    deploys,
    promotesFrom,
    approvals,
    current: current && {
      release: current.release.id,
      revision: current.release.revision,
      since: current.since,
      run: current.run,
    },
    mixed: [...mixed].map(([service, release]) => ({ service, release })),
    quarantine,
    previous,
    moving,
    holder: heldBy(lock, runs),
    behind: { count: behind?.count ?? 0, first: (behind?.first ?? []).map((one) => ({ ...one })) },
    last: lastView(last, current?.run ?? null),
    lock: locked,
    freeze,
    next: readinessOf({ environment, next, current: current?.release.id ?? null, moving, lock: locked, freeze }),
    health: { state: health.state, because: [...health.because] },
    services: shown,
  };
}

/** Contracts count as one, which is ready where nobody found the chain to differ. */
const readyOf = ({ chain, problem, replicas, warm, desired }: ServiceFacts): number =>
  chain === undefined
    ? replicas.filter(({ state, release }) => state === "ready" && release !== warm?.release).length
    : chain !== null && problem === null
      ? desired
      : 0;

const serviceView = (service: ServiceFacts): EnvironmentShape["services"][number] => ({
  name: service.name,
  desired: service.desired,
  ready: readyOf(service),
  ...(service.chain === undefined ? {} : { chain: service.chain }),
  urls: [...service.urls],
  problem: service.problem,
  traffic: service.traffic && [...service.traffic],
  maintenance: service.maintenance,
  warm: service.warm,
  replicas: service.replicas.map(({ name: replica, release, state, busy, endpoint, reason }) => ({
    name: replica,
    release,
    state,
    busy,
    address: endpoint && `${endpoint.host}:${endpoint.port}`,
    reason: reason ?? null,
  })),
});
