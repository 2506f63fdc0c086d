import type { DatabaseBackFacts, DeploymentPlan, Digest, Release, ReleaseId, RollbackPlan, RunId } from "@fairway/core";
import { awaitsDatabase, FairwayError, planDeployment, planRollback, unreadSchema } from "@fairway/core";
import { digestOf } from "../digest.ts";
import { infrastructureVerdict } from "../infrastructure/infrastructure-verdict.ts";
import { databaseVerdict } from "../migrations/database-verdict.ts";
import type { OpenDeployment } from "../store/open-deployments.ts";
import { expectedTime } from "../store/rollout-times.ts";
import { goneSentence, lastGood, missingFiles, missingImages } from "./last-good.ts";
import type { RollbackParts } from "./rollback-parts.ts";

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

/** Plans ways back. `assertKnown` throws `not_found` for an environment that nobody knows. */
export function rollbackPlanner(
  parts: RollbackParts,
  assertKnown: (environment: string) => Promise<void>,
): (request: RollbackRequest) => Promise<PlannedRollback> {
  const { deployments, releaseOf, data } = parts;

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

  return plan;
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
