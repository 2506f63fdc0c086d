import type { Digest, Millis, Progress, ReleaseId, Rollout, Target } from "@fairway/core";
import { FairwayError, rolloutId, scopeOf } from "@fairway/core";
import { digestOf } from "../digest.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import { keptOut } from "../duties/held-by-gate.ts";
import { movesWithFlags } from "../flags/step-flags.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import { asJson } from "../stages/release-run.ts";
import { valuesOf } from "../stages/step-command.ts";
import { recordLook } from "../store/analysis-looks.ts";
import { partsOf } from "../store/jobs.ts";
import { recordMove } from "../store/rollout-moves.ts";
import { askStep, stepAnswers, withdrawQuestion } from "../store/step-questions.ts";
import { pauseOf } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { refusedAtSwitch } from "./at-the-switch.ts";
import type { Begun, DeploymentInput } from "./deployment-run.ts";
import { beginJob } from "./deployment-run.ts";
import type { DriveParts } from "./drive-rollout.ts";
import { driveRollout } from "./drive-rollout.ts";
import { targetOfService } from "./masked-target.ts";
import type { PlaceParts } from "./place-of.ts";
import type { MovePaper } from "./record-moves.ts";
import { recordMoves } from "./record-moves.ts";
import type { Ended } from "./roll-until-done.ts";
import { rollUntilDone } from "./roll-until-done.ts";
import { rolloutFigures } from "./rollout-figures.ts";
import type { VerifyParts } from "./run-verify.ts";
import { verifiesFirst, verifyCandidate } from "./verify-first.ts";

/** What rollouts need besides their places. */
export interface RolloutParts extends VerifyParts {
  /** Where looks, questions and answers are kept. */
  readonly store: Store;
  readonly duties?: Pick<DutyControl, "decide">;
}

/** Moves one service to the release, by the strategy of the environment. */
export function rolloutStage(parts: RolloutParts): Stage {
  return {
    name: "rollout",
    async run(attempt: Attempt): Promise<Outcome> {
      const input = attempt.input as unknown as DeploymentInput;
      if (input.service === null) throw new FairwayError("internal", `${attempt.job} names no service`);
      const { target, rollout } = await rolloutOf(parts, attempt, input, input.service);
      const seen = noted(parts.store, attempt, false);
      const driving = await drivingParts(parts, attempt, input.digest, rollout);
      if (verifiesFirst(rollout)) {
        const unfit = await raiseAndVerify(parts, attempt, input, { target, rollout, driving, seen });
        if (unfit !== null) return unfit;
      }
      const refused = await attempt.step("switch", () => refusedAtSwitch(parts.store, attempt.run, input));
      // No answer of the release: it is not its fault, and it does not come into quarantine for it.
      if (refused !== null) return { outcome: "aborted", reason: refused };
      const held = await keptOut(parts.duties, attempt, input.plan);
      if (held !== null) return { outcome: "aborted", reason: held };
      const moves = recordMoves(driveRollout(target, rollout, driving), target, rollout, seen);
      const drive = movesWithFlags(moves, rollout, attempt.run, parts.flagSteps);
      const ended = await attempt.step("roll", async () =>
        asJson(await rollUntilDone(drive, attempt.progress, attempt.signal)),
      );
      return outcomeOf(ended as unknown as Ended);
    },
  };
}

/**
 * Takes a rollout to where its new replicas are ready for their first traffic, and has them checked. Null when they may
 * get it; what else came of it otherwise.
 */
async function raiseAndVerify(
  parts: RolloutParts,
  attempt: Attempt,
  input: DeploymentInput,
  { target, rollout, driving, seen }: Driven,
): Promise<Outcome | null> {
  const drive = recordMoves(driveRollout(target, rollout, { ...driving, checks: "pending" }), target, rollout, seen);
  const { ended, isReady } = (await attempt.step("raise", async () => {
    let wantsChecks = false;
    const move = async (): Promise<Progress> => {
      const progress = await drive();
      wantsChecks = progress.phase === "moving" && progress.wants === "checks";
      return wantsChecks ? { phase: "succeeded" } : progress;
    };
    const came = await rollUntilDone(move, attempt.progress, attempt.signal);
    return asJson({ ended: came, isReady: wantsChecks } satisfies Raised);
  })) as unknown as Raised;
  if (!isReady) return outcomeOf(ended);
  const unfit = await verifyCandidate(parts, attempt, input, rollout);
  return unfit === null ? null : { outcome: "failed", reason: unfit };
}

interface Driven {
  readonly target: Target;
  readonly rollout: Rollout;
  readonly driving: DriveParts;
  readonly seen: MovePaper;
}

/** Where the moments of this attempt's rollout are written down. */
export const noted = (store: Store, { id, run }: Attempt, isBack: boolean): MovePaper => ({
  isBack,
  record: (move) => recordMove(store, run, partsOf(id).job, move),
});

/** How far a rollout came that was to stop before its first traffic; one that had traffic already goes on to its end. */
interface Raised {
  readonly ended: Ended;
  readonly isReady: boolean;
}

/** What a rollout is watched by, and whom it asks. */
async function drivingParts(
  { store, places, secrets }: RolloutParts,
  attempt: Attempt,
  deployment: Digest,
  rollout: Rollout,
): Promise<DriveParts> {
  const { run, job, attempt: number } = partsOf(attempt.id);
  const at = { run, job, attempt: number };
  const options = "analysis" in rollout.strategy ? rollout.strategy.analysis : undefined;
  const address = options?.prometheus;
  const token =
    address?.token === undefined
      ? {}
      : await valuesOf(secrets, rollout.environment, { token: { secret: address.token } });
  const now = (): Millis => performance.now();
  return {
    now,
    pause: () => pauseOf(store, run),
    figures: rolloutFigures(rollout, options, {
      now,
      traffic: () => places.traffic(),
      metrics:
        options?.cloudwatch !== undefined
          ? places.metrics(options.cloudwatch)
          : address === undefined
            ? undefined
            : places.metrics({ url: address.url, ...token }),
      record: (look, isNews) => recordLook(store, run, job, look, isNews),
    }),
    people: {
      answers: () => stepAnswers(store, at),
      ask: (weight, question) =>
        askStep(store, {
          ...at,
          weight,
          question: `${rollout.service}: ${question}`,
          digest: digestOf({ deployment, service: rollout.service, weight }),
        }),
      withdraw: (weight) => withdrawQuestion(store, { ...at, weight }),
    },
  };
}

/** What a rollout came to, in the words of a job. */
export const outcomeOf = (ended: Ended): Outcome =>
  ended.phase === "succeeded"
    ? { outcome: "succeeded", result: null }
    : {
        // What the platform could not carry out is no answer of the release.
        outcome: ended.ending === "stalled" ? "errored" : "failed",
        reason: ended.reason,
        ...(ended.ending === undefined ? {} : { result: { ending: ended.ending } }),
      };

/**
 * The rollout that this attempt is to drive, with a token that fences whoever drove it before. The same for the way
 * there and the way back.
 */
export async function rolloutOf(
  parts: PlaceParts,
  attempt: Attempt,
  input: DeploymentInput,
  service: string,
): Promise<{ readonly target: Target; readonly rollout: Rollout }> {
  const { plan } = input;
  const planned = plan.rollouts.find((candidate) => candidate.service === service);
  if (!planned) throw new FairwayError("internal", `the plan has no rollout of "${service}"`);
  const release = await parts.releaseOf(plan.release);
  const from = await runningBefore(parts, attempt, service);
  return {
    target: targetOfService(parts, release, plan.environment, service, attempt.signal),
    rollout: {
      id: rolloutId(attempt.run, service),
      environment: plan.environment,
      service,
      from,
      to: plan.release,
      desired: planned.replicas,
      strategy: planned.strategy,
      token: await attempt.token(scopeOf(plan.environment, service)),
    },
  };
}

/** The release that ran when the environment was taken, if it had this service. */
async function runningBefore(parts: PlaceParts, attempt: Attempt, service: string): Promise<ReleaseId | null> {
  const begun = attempt.results.get(beginJob) as unknown as Begun | undefined;
  if (!begun) throw new FairwayError("internal", `${attempt.job} runs before ${beginJob} has ended`);
  const from = begun.mixed?.[service] ?? begun.from;
  if (from === null) return null;
  const before = await parts.releaseOf(from as ReleaseId);
  return before.parts.some((part) => part.service === service) ? before.id : null;
}
