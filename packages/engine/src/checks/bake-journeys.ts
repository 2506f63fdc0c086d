import type { Environment, Millis, Release } from "@fairway/core";
import { condemnsInBake, environmentOf, failuresInBake, ownLocation } from "@fairway/core";
import type { DeploymentInput } from "../rollouts/deployment-run.ts";
import type { VerifyParts } from "../rollouts/run-verify.ts";
import { askAndKeep, checkOutRelease } from "../rollouts/run-verify.ts";
import type { Attempt } from "../runs/stage.ts";
import { addressesOf } from "./addresses-of.ts";
import type { BakePlacesLook } from "./bake-places.ts";
import { bakePlaces } from "./bake-places.ts";
import { isRoundDue } from "./bake-rounds.ts";
import { asCheck } from "./synthetic-check.ts";

/** Has the journeys of an environment made while a release bakes there, each from where it is configured to be made. */
export interface BakingJourneys {
  /** Makes those that are due here and asks for the others; once the bake has ended, until all have been made after its end. */
  look(now: Millis, until: Millis): Promise<BakePlacesLook>;
  /** Nobody waits for them any more. */
  close(): Promise<void>;
}

/** What journeys of a bake need. */
export type BakeParts = VerifyParts & {
  /** The labels of this daemon, from which it makes journeys itself; `here` when left out. */
  readonly locations?: readonly string[] | undefined;
};

/** Between two rounds there are at most so many of them in a bake, besides the first and the last. */
const roundsInBake = 4;

/** Opens the journeys of a deployment; null where its environment has none, or it is a way back, which asks nothing. */
export async function bakingJourneys(
  parts: BakeParts,
  attempt: Attempt,
  { plan }: DeploymentInput,
): Promise<BakingJourneys | null> {
  if (plan.reason === "rollback") return null;
  const release = await parts.releaseOf(plan.release);
  const environment = environmentOf(release.project, plan.environment);
  if (environment?.bake === undefined || (environment.synthetics ?? []).length === 0) return null;
  return opened(parts, attempt, release, environment, environment.bake);
}

async function opened(
  parts: BakeParts,
  attempt: Attempt,
  release: Release,
  environment: Environment,
  bake: Millis,
): Promise<BakingJourneys> {
  const own = parts.locations ?? [ownLocation];
  const places = bakePlaces({
    ...{ store: parts.store, attempt: attempt.id, run: attempt.run, environment, release: release.id, own },
    every: bake / roundsInBake,
  });
  const made = await ownJourneys(parts, attempt, release, environment, { bake, own });
  return {
    async look(now, until) {
      // First: workers begin while the daemon makes its own.
      const first = await places.look(now, until);
      if (first.failing !== null) return first;
      const failing = (await made?.(now, until)) ?? null;
      // What was told meanwhile counts.
      return failing === null && made !== null ? places.look(now, until) : { ...first, failing };
    },
    close: () => places.close(),
  };
}

/** Makes the journeys of the daemon's own places; null where there are none. */
async function ownJourneys(
  parts: BakeParts,
  attempt: Attempt,
  release: Release,
  environment: Environment,
  { bake, own }: { readonly bake: Millis; readonly own: readonly string[] },
): Promise<((now: Millis, until: Millis) => Promise<string | null>) | null> {
  const mine = (environment.synthetics ?? []).flatMap((journey) =>
    journey.locations.filter((label) => own.includes(label)).map((location) => ({ journey, location })),
  );
  if (mine.length === 0) return null;
  const addresses = addressesOf(parts.places, release.project, environment);
  const toVerify = { environment, release, workspace: "bake", prefix: "journeys ", ...addresses };
  const workspace = await checkOutRelease(parts, attempt, toVerify);
  const made = new Map<string, ("passed" | "failed" | "no-data")[]>();
  const every = bake / roundsInBake;
  let round = 0;
  /** By what is recorded of it, also where a daemon before this one made it. */
  let begunAt: Millis | null = null;

  async function make({ journey, location }: (typeof mine)[number], step: string): Promise<string | null> {
    const key = `${journey.name} ${location}`;
    const asked = await askAndKeep(parts, attempt, toVerify, {
      check: asCheck(journey),
      step,
      workspace,
      retries: 0,
      occasion: "bake",
      location,
    });
    begunAt = Math.min(begunAt ?? Number.POSITIVE_INFINITY, Date.parse(asked.startedAt));
    const statuses = [...(made.get(key) ?? []), asked.status];
    made.set(key, statuses);
    if (condemnsInBake(statuses))
      return `the journey ${journey.name} failed ${failuresInBake} times in a row: ${asked.summary}`;
    // At once: whether it was one bad moment is what everybody waits to know.
    return asked.status === "failed" ? make({ journey, location }, `${step} again`) : null;
  }

  return async (now, until) => {
    while (isRoundDue({ begunAt, every, until }, now)) {
      round += 1;
      begunAt = null;
      for (const one of mine) {
        const from = one.location === ownLocation ? "" : ` from ${one.location}`;
        const bad = await make(one, `journey ${one.journey.name}${from} ${round}`);
        if (bad !== null) return bad;
      }
      if (now < until) return null;
    }
    return null;
  };
}
