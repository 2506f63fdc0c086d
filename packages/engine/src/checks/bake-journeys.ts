import type { Environment, Millis, Release } from "@fairway/core";
import { condemnsInBake, environmentOf, failuresInBake } from "@fairway/core";
import type { DeploymentInput } from "../rollouts/deployment-run.ts";
import type { VerifyParts } from "../rollouts/run-verify.ts";
import { askAndKeep, checkOutRelease } from "../rollouts/run-verify.ts";
import type { Attempt } from "../runs/stage.ts";
import { addressesOf } from "./addresses-of.ts";
import { isRoundDue } from "./bake-rounds.ts";
import { asCheck } from "./synthetic-check.ts";

/** Makes the journeys of an environment while a release bakes there. */
export interface BakingJourneys {
  /**
   * Makes those that are due; once the bake has ended, until all have been made after its end. Answers with why the release must
   * go back; null when it need not, as far as is known.
   */
  look(now: Millis, until: Millis): Promise<string | null>;
}

/** Between two rounds there are at most so many of them in a bake, besides the first and the last. */
const roundsInBake = 4;

/** Opens the journeys of a deployment; null where its environment has none, or it is a way back, which asks nothing. */
export async function bakingJourneys(
  parts: VerifyParts,
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
  parts: VerifyParts,
  attempt: Attempt,
  release: Release,
  environment: Environment,
  bake: Millis,
): Promise<BakingJourneys> {
  const addresses = addressesOf(parts.places, release.project, environment);
  const toVerify = { environment, release, workspace: "bake", prefix: "journeys ", ...addresses };
  const workspace = await checkOutRelease(parts, attempt, toVerify);
  const made = new Map<string, ("passed" | "failed" | "no-data")[]>();
  const every = bake / roundsInBake;
  let round = 0;
  /** By what is recorded of it, also where a daemon before this one made it. */
  let begunAt: Millis | null = null;

  async function make(name: string, step: string): Promise<string | null> {
    const journey = environment.synthetics?.find((one) => one.name === name);
    if (journey === undefined) return null;
    const asked = await askAndKeep(parts, attempt, toVerify, {
      check: asCheck(journey),
      step,
      workspace,
      retries: 0,
      occasion: "bake",
    });
    begunAt = Math.min(begunAt ?? Number.POSITIVE_INFINITY, Date.parse(asked.startedAt));
    const statuses = [...(made.get(name) ?? []), asked.status];
    made.set(name, statuses);
    if (condemnsInBake(statuses))
      return `the journey ${name} failed ${failuresInBake} times in a row: ${asked.summary}`;
    // At once: whether it was one bad moment is what everybody waits to know.
    return asked.status === "failed" ? make(name, `${step} again`) : null;
  }

  return {
    async look(now, until) {
      while (isRoundDue({ begunAt, every, until }, now)) {
        round += 1;
        begunAt = null;
        for (const { name } of environment.synthetics ?? []) {
          const bad = await make(name, `journey ${name} ${round}`);
          if (bad !== null) return bad;
        }
        if (now < until) return null;
      }
      return null;
    },
  };
}
