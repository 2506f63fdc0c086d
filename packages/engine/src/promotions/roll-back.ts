import type { Release, ReleaseId, RunId } from "@fairway/core";
import { FairwayError, quarantineHint } from "@fairway/core";
import { planDeploymentRun } from "../rollouts/deployment-run.ts";
import { Turns } from "../runs/one-at-a-time.ts";
import type { RunPlan } from "../runs/stage.ts";
import type { OpenDeployment } from "../store/open-deployments.ts";
import type { StandingRelease } from "../store/standing-releases.ts";
import type { LastGood } from "./last-good.ts";
import { lastGood, missingFiles } from "./last-good.ts";
import type { PlannedRollback, RollbackRequest } from "./plan-rollback.ts";
import { rollbackPlanner } from "./plan-rollback.ts";
import type { RollbackParts } from "./rollback-parts.ts";

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

  const plan = rollbackPlanner(parts, assertKnown);

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
    /** Whoever looks is told what places would refuse; whoever goes back does not wait for that. */
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
