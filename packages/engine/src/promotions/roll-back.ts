import type {
  DatabaseBackFacts,
  DeploymentPlan,
  Digest,
  ImageBuilder,
  Quarantine,
  Release,
  LostVerification,
  ReleaseId,
  RollbackPlan,
  RollbackVerdict,
  RunId,
} from "@fairway/core";
import {
  FairwayError,
  awaitsDatabase,
  planDeployment,
  planRollback,
  quarantineHint,
  unreadSchema,
} from "@fairway/core";
import type { contractPlanFacts } from "../contracts/contract-plan-facts.ts";
import type { DataDirectory } from "../data-directory.ts";
import { digestOf } from "../digest.ts";
import { infrastructureVerdict } from "../infrastructure/infrastructure-verdict.ts";
import { databaseVerdict } from "../migrations/database-verdict.ts";
import type { MigrationReader } from "../migrations/migration-reader.ts";
import { planDeploymentRun } from "../rollouts/deployment-run.ts";
import type { Foreseen, ForeseenPlan } from "../rollouts/foreseen.ts";
import { Turns } from "../runs/one-at-a-time.ts";
import type { RunPlan } from "../runs/stage.ts";
import type { KeptPlan } from "../store/infrastructure-plans.ts";
import type { RolloutTime } from "../store/rollout-times.ts";
import { expectedTime } from "../store/rollout-times.ts";
import type { StandingRelease } from "../store/standing-releases.ts";
import type { LastGood } from "./last-good.ts";
import { goneSentence, lastGood, missingFiles, missingImages } from "./last-good.ts";

/** A deployment that has not ended. */
export interface OpenDeployment {
  readonly run: RunId;
  readonly release: ReleaseId;
  readonly isRollback: boolean;
  readonly only: readonly string[] | null;
  /** It has the environment, and has not written down yet that it is done. */
  readonly moves: boolean;
  /** It waits for people's approval, or for its notice to run out. */
  readonly asks: boolean;
  /** Of its plan. */
  readonly digest: Digest;
}

/** What a way back asks of the rest of the engine. */
export interface RollbackParts {
  /** What a release would do to the smart contracts of an environment. */
  readonly contracts?: (release: Release, environment: string) => ReturnType<typeof contractPlanFacts>;
  readonly data: DataDirectory;
  readonly releaseOf: (id: ReleaseId) => Promise<Release>;
  readonly deployments: {
    current(environment: string): Promise<Release | null>;
    mixed(environment: string): Promise<ReadonlyMap<string, Release>>;
    verifiedIn(release: ReleaseId): Promise<readonly string[]>;
    wasVerifiedIn(release: ReleaseId): Promise<readonly string[]>;
    /** Where it was verified and is not any more, and why. */
    lostIn?(release: ReleaseId): Promise<readonly LostVerification[]>;
    quarantine(digest: Digest): Promise<Quarantine | null>;
    /** The versions of secrets that what an environment runs was started with. */
    secretsOf?(environment: string): Promise<Readonly<Record<string, string>>>;
    standing(environment: string): Promise<readonly StandingRelease[]>;
    /** Deployments to an environment that have not ended, the oldest first. */
    open(environment: string): Promise<readonly OpenDeployment[]>;
    times(environment: string): Promise<readonly RolloutTime[]>;
    /** What was done to the infrastructure of an environment since a release was last brought there. */
    appliedSince(environment: string, release: ReleaseId): Promise<readonly KeptPlan[]>;
  };
  /** Has the images that this machine built; undefined without an engine. */
  readonly images?: ImageBuilder | undefined;
  /** What the places of its services would refuse; nobody is asked when left out. */
  readonly foreseen?: ((plan: ForeseenPlan, release: Release) => Promise<Foreseen>) | undefined;
  /** How many replicas of a release are ready in an environment, whether they have traffic or not. */
  readonly readyOf: (
    release: Release,
    environment: string,
    service: string,
  ) => Promise<number | { readonly unknown: string }>;
  /** What becomes of parts that are no services, and no databases. */
  readonly verdict: RollbackVerdict;
  readonly migrations: MigrationReader;
  readonly startRun: (plan: RunPlan) => Promise<RunId>;
  readonly cancel: (run: RunId, by: string) => Promise<void>;
  /** Puts into quarantine what is being deployed and is stopped for a rollback. */
  readonly condemn: (stopped: OpenDeployment, word: { readonly by: string; readonly because: string }) => Promise<void>;
}

/** Which way back. */
export interface RollbackRequest {
  readonly environment: string;
  /** The last good one when it is not named. */
  readonly release: ReleaseId | null;
  /** Only these services; all when it is left out. */
  readonly only?: readonly string[] | undefined;
  /** Also where it would wait in vain for databases that do not answer. */
  readonly force?: boolean | undefined;
}

/** What a rollback would do, before it does it. */
export interface PlannedRollback {
  readonly plan: DeploymentPlan;
  readonly digest: Digest;
  readonly release: Release;
  readonly back: RollbackPlan;
  /** A rollback to the same release that has not ended; another that is asked for joins it. */
  readonly joins: RunId | null;
  /** The deployment that is on its way there; it is stopped, and with that the environment goes back. */
  readonly stops: RunId | null;
  /** The release that is put into quarantine. */
  readonly quarantines: ReleaseId | null;
  /** What a person should know before saying yes. */
  readonly warnings: readonly string[];
}

/** Ways back. */
export interface Rollbacks {
  /** Where an environment would go back to. Whoever knows what stands there saves a look. */
  lastGood(environment: string, standing?: readonly StandingRelease[]): Promise<LastGood>;
  /** Throws `not_found`, `not_allowed_now` when there is nothing to go back to. */
  plan(request: RollbackRequest): Promise<PlannedRollback>;
  /**
   * Starts a rollback, or answers with the one that is under way, or with the deployment that it stopped. Throws
   * `quarantined`, `not_allowed_now` with every obstacle.
   */
  start(request: RollbackRequest & { readonly by: string; readonly because: string | null }): Promise<RunId>;
}

/** Plans and starts ways back. `assertKnown` throws `not_found` for an environment that nobody knows. */
export function rollbacks(parts: RollbackParts, assertKnown: (environment: string) => Promise<void>): Rollbacks {
  const { deployments, releaseOf, data } = parts;
  // Whoever asks second must see what the first has started.
  const turns = new Map<string, Turns>();
  const turnsOf = (environment: string): Turns => {
    const known = turns.get(environment) ?? new Turns();
    turns.set(environment, known);
    return known;
  };

  const gone = async (release: Release): Promise<readonly string[]> => [
    ...(await missingFiles(data, release)),
    ...(await missingImages(parts.images, release)),
  ];
  const missing = async (id: ReleaseId): Promise<readonly string[]> => gone(await releaseOf(id));

  async function chosen(request: RollbackRequest, moving: OpenDeployment | undefined): Promise<Release> {
    if (request.release !== null) return releaseOf(request.release);
    const { environment } = request;
    const standing = await deployments.standing(environment);
    const { release, passedOver } = await lastGood({ standing, alsoPresent: moving !== undefined, missing });
    if (release !== null) return releaseOf(release);
    throw nothingBack(environment, standing.length === 0, moving, passedOver);
  }

  async function plan(request: RollbackRequest): Promise<PlannedRollback> {
    const { environment, only } = request;
    const open = await deployments.open(environment);
    const moving = open.find(({ moves, isRollback }) => moves && !isRollback);
    const current = await deployments.current(environment);
    if (current === null) await assertKnown(environment);
    const joins = joined(request, open);
    const release = joins ? await releaseOf(joins.release) : await chosen(request, moving);
    const isStop = moving !== undefined && release.id === current?.id && only === undefined;
    const mixed = await deployments.mixed(environment);
    // While something else is on its way, that is what the environment goes back from.
    const from = isStop ? await releaseOf(moving.release) : current;
    const databases = await parts.migrations.back(release, from, environment);
    const planned = planDeployment({
      release,
      running: from,
      environment,
      reason: "rollback",
      // It may have been found unwell since: a way back goes there all the same.
      verifiedIn: await deployments.wasVerifiedIn(release.id),
      quarantine: await deployments.quarantine(release.digest),
      mixed: isStop ? new Map() : mixed,
      only,
      databases,
      ...(await parts.contracts?.(release, environment)),
    });
    const back = await backOf(planned, from, release, databases);
    const lost = await gone(release);
    // What is stopped has not taken the place of the old release, which runs.
    const away = isStop ? new Map<string, string>() : await awaited(databases, back, { from, mixed, environment });
    const already =
      !moving && !joins && isWhole(current, release, mixed) ? [`${environment} runs ${release.id} already`] : [];
    const obstacles = [
      ...planned.obstacles,
      ...(lost.length > 0 ? [goneSentence(release.id, lost)] : []),
      ...already,
      ...(request.force === true ? [] : away.values()),
      // What keeps a database from going back is an obstacle of the plan already.
      ...back.refused.filter((sentence) => !planned.obstacles.includes(sentence)),
    ];
    const whole: DeploymentPlan = { ...planned, obstacles };
    const isBack =
      isStop || (await deployments.standing(environment)).slice(1).some((one) => one.release === release.id);
    return {
      plan: whole,
      digest: digestOf(whole),
      release,
      back,
      joins: joins?.run ?? null,
      stops: moving?.run ?? null,
      quarantines: from !== null && isBack && from.digest !== release.digest ? from.id : null,
      warnings: [
        ...(only === undefined ? [] : [mixedWarning(environment, only, release, current)]),
        ...open.filter(({ moves, isRollback }) => !moves && !isRollback).map(waitingWarning),
        ...databases
          .filter(({ service }) => planned.rollouts.some((rollout) => rollout.service === service))
          .filter(({ service }) => request.force === true || !away.has(service))
          .flatMap((one) => unreadSchema(one) ?? []),
      ],
    };
  }

  /** Services that would be started again and wait in vain for a database that nobody answers for, each with why. */
  async function awaited(
    databases: readonly DatabaseBackFacts[],
    { parts: each }: RollbackPlan,
    now: { readonly from: Release | null; readonly mixed: ReadonlyMap<string, Release>; readonly environment: string },
  ): Promise<ReadonlyMap<string, string>> {
    const found = await Promise.all(
      databases.map(async (facts): Promise<readonly (readonly [string, string])[]> => {
        const { service } = facts;
        const why = awaitsDatabase(facts, now.environment);
        const running = now.mixed.get(service) ?? now.from;
        if (why === null || running === null || !each.some(({ name, way }) => name === service && way === "redeploy"))
          return [];
        // Where what runs is well without its database, what comes back is too.
        return (await parts.readyOf(running, now.environment, service)) === 0 ? [[service, why]] : [];
      }),
    );
    return new Map(found.flat());
  }

  async function backOf(
    planned: DeploymentPlan,
    from: Release | null,
    to: Release,
    databases: readonly DatabaseBackFacts[],
  ): Promise<RollbackPlan> {
    const { environment } = planned;
    const times = await deployments.times(environment);
    const infrastructure = { release: to.id, plans: await deployments.appliedSince(environment, to.id) };
    const ready = await Promise.all(
      planned.rollouts.map(async ({ service }) => [service, await parts.readyOf(to, environment, service)] as const),
    );
    return planRollback({
      plan: planned,
      from,
      to,
      ready: new Map(ready),
      expected: (service, way) => expectedTime(times, service, way),
      verdict: (slot) =>
        parts.verdict(slot) ?? databaseVerdict(databases, slot) ?? infrastructureVerdict(infrastructure, slot),
    });
  }

  async function start(request: Parameters<Rollbacks["start"]>[0]): Promise<RunId> {
    const { by, because, environment } = request;
    const planned = await plan(request);
    const moving = (await deployments.open(environment)).find(({ run }) => run === planned.stops);
    if (planned.joins) {
      // Whoever began it may have been killed before what it waits for was stopped.
      if (moving) await stop(moving, planned.release, request);
      return planned.joins;
    }
    await refuse(planned, environment);
    const stopsOnly = moving !== undefined && planned.plan.from === moving.release && request.only === undefined;
    const run = stopsOnly ? moving.run : await parts.startRun(runOf(planned, by, because));
    if (moving) await stop(moving, planned.release, request);
    return run;
  }

  async function stop(
    moving: OpenDeployment,
    to: Release,
    { environment, by, because }: Parameters<Rollbacks["start"]>[0],
  ): Promise<void> {
    const { digest } = await releaseOf(moving.release);
    const current = await deployments.current(environment);
    // What runs, or comes back, is not what is to blame.
    if (digest !== to.digest && digest !== current?.digest)
      await parts.condemn(moving, {
        by,
        because: because ?? `${environment} went back to ${to.id} while it was being deployed`,
      });
    await parts.cancel(moving.run, by);
  }

  async function refuse({ plan: { obstacles }, release }: PlannedRollback, environment: string): Promise<void> {
    if (obstacles.length === 0) return;
    const isQuarantined = (await deployments.quarantine(release.digest)) !== null;
    throw new FairwayError(
      isQuarantined ? "quarantined" : "not_allowed_now",
      `${environment} cannot go back to ${release.id}: ${obstacles.join("; ")}`,
      { problems: obstacles, hint: isQuarantined ? quarantineHint(release.id) : undefined },
    );
  }

  return {
    /** Whoever looks is told what places would refuse; whoever goes back does not wait for that, and hears it when it begins. */
    async plan(request) {
      const planned = await plan(request);
      const { obstacles = [], warnings = [] } = (await parts.foreseen?.(planned.plan, planned.release)) ?? {};
      return { ...planned, warnings: [...planned.warnings, ...obstacles, ...warnings] };
    },
    start: (request) => turnsOf(request.environment).run(() => start(request)),
    async lastGood(environment, known) {
      // Asked all the time, for the status: an engine is not.
      const without = async (id: ReleaseId): Promise<readonly string[]> => missingFiles(data, await releaseOf(id));
      const standing = known ?? (await deployments.standing(environment));
      return lastGood({ standing, alsoPresent: false, missing: without });
    },
  };
}

/** The run of a rollback, with how each service goes back, by which the time of the next is judged. */
function runOf({ plan, digest, release, back }: PlannedRollback, by: string, because: string | null): RunPlan {
  const ways = Object.fromEntries(back.parts.map(({ name, way }) => [name, way]));
  const run = planDeploymentRun(plan, digest, release, by);
  return { ...run, subject: { ...(run.subject as object), ways, because, only: plan.only ?? null } };
}

/** The rollback under way that this one is the same as. Throws `not_allowed_now` when it is another. */
function joined(
  { environment, release, only }: RollbackRequest,
  open: readonly OpenDeployment[],
): OpenDeployment | undefined {
  const under = open.find(({ isRollback }) => isRollback);
  if (!under) return undefined;
  const isSame =
    (release === null || release === under.release) &&
    (only === undefined ? [] : only.toSorted()).join() === (under.only ?? []).toSorted().join();
  if (isSame) return under;
  throw new FairwayError("not_allowed_now", `${under.run} is rolling ${environment} back to ${under.release} already`, {
    hint: `see it: fairway run watch ${under.run}; to go elsewhere stop it first: fairway stop ${under.run} --force`,
  });
}

const isWhole = (current: Release | null, release: Release, mixed: ReadonlyMap<string, Release>): boolean =>
  current?.id === release.id && mixed.size === 0;

function nothingBack(
  environment: string,
  nothingRan: boolean,
  moving: OpenDeployment | undefined,
  passedOver: readonly string[],
): FairwayError {
  if (nothingRan)
    return new FairwayError("not_allowed_now", `nothing runs in ${environment}`, {
      hint: moving
        ? `stop what is on its way there: fairway stop ${moving.run}`
        : `deploy something there first: fairway deploy ${environment}`,
    });
  return new FairwayError("not_allowed_now", `${environment} has no earlier release to go back to`, {
    problems: passedOver,
    hint: `see what ran there: fairway deployments ${environment}; or go forward with a commit that mends it: fairway release`,
  });
}

const waitingWarning = ({ run, release }: OpenDeployment): string =>
  `${run} waits to bring ${release} there afterwards; to prevent that: fairway stop ${run}`;

const mixedWarning = (environment: string, only: readonly string[], to: Release, current: Release | null): string =>
  `${environment} will be mixed: ${only.join(", ")} of ${to.id}, the rest of ${current?.id ?? "nothing"}; nobody has tested them together, and the next deployment ends it`;
