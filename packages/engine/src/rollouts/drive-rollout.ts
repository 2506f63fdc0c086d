import type { Facts, Millis, Percent, Progress, Rollout, Target } from "@fairway/core";
import { codeOf, messageOf, plainFacts } from "@fairway/core";
import type { Pause } from "../store/runs.ts";
import { pausedWords } from "../store/runs.ts";
import type { StepAnswer } from "../store/step-questions.ts";
import type { RolloutFigures } from "./rollout-figures.ts";

/** The people who are asked before a rollout goes on. */
export interface StepPeople {
  /** All that was answered to this attempt, also before a crash. */
  answers(): Promise<readonly StepAnswer[]>;
  /** May be repeated. */
  ask(weight: Percent, question: string): Promise<void>;
  /** The question is not asked any longer. May be repeated. */
  withdraw(weight: Percent): Promise<void>;
}

export interface DriveParts {
  readonly figures: RolloutFigures;
  readonly people: StepPeople;
  readonly now: () => Millis;
  /** `pending` stops a rollout just before its first traffic; `passed` when left out. */
  readonly checks?: Facts["candidateChecks"];
  /** Who holds the deployment where it is; null while nobody does. Asked before each move. Left out where nobody can. */
  readonly pause?: () => Promise<Pause | null>;
}

/** Between two looks for an answer. The breaker is asked as often. */
const askAgain: Millis = 250;
/** Between two looks at what is held. */
const holdAgain: Millis = 500;

/**
 * Moves a rollout, and remembers when the candidate's share last changed. That is remembered here only: a daemon that comes
 * back lets the step that it finds stand its whole time again, which is late but never too early. What people answered is
 * on record. While somebody holds the deployment nothing is decided, and the time of the step stands still.
 */
export function driveRollout(
  target: Target,
  rollout: Rollout,
  { figures, people, now, checks = "passed", pause = async () => null }: DriveParts,
): () => Promise<Progress> {
  let shifted: { readonly weight: Percent | undefined; readonly at: Millis } | null = null;
  let answers: readonly StepAnswer[] | null = null;
  let asking: { readonly weight: Percent; readonly question: string } | null = null;
  let heldSince: Millis | null = null;

  return async () => {
    const held = await pause();
    if (held !== null) {
      heldSince ??= now();
      // So that people go on seeing how the new release does.
      const { verdict, reason } = figures.fact(shifted?.weight);
      return holding(
        target,
        rollout,
        `${pausedWords(held)}${verdict === "fail" ? `; its figures are bad: ${reason}` : ""}`,
      );
    }
    if (heldSince !== null && shifted !== null) shifted = { ...shifted, at: shifted.at + now() - heldSince };
    heldSince = null;
    if (answers === null || asking !== null) answers = await people.answers();
    const refusal = answers.find(({ answer }) => answer === "no");
    if (refusal !== undefined) return { phase: "failed", reason: refused(refusal) };
    const facts: Facts = {
      ...plainFacts,
      candidateChecks: checks,
      sinceShift: shifted === null ? 0 : now() - shifted.at,
      analysis: figures.fact(shifted?.weight),
      approved: answers.map(({ weight }) => weight),
    };
    const progress = await target.advance(rollout, facts);
    if (progress.phase !== "moving") return progress;
    if (shifted === null || shifted.weight !== progress.weight) shifted = { weight: progress.weight, at: now() };
    const { asks, weight } = progress;
    if (asks !== undefined && weight !== undefined) {
      if (asking?.weight !== weight || asking.question !== asks) await people.ask(weight, asks);
      asking = { weight, question: asks };
      return { ...progress, checkAgainIn: Math.max(progress.checkAgainIn, askAgain) };
    }
    if (asking !== null && !facts.approved.includes(asking.weight)) await people.withdraw(asking.weight);
    asking = null;
    return progress;
  };
}

/** A platform that does not answer is no reason to give up what nobody wants moved. */
async function holding(target: Target, rollout: Rollout, message: string): Promise<Progress> {
  const still: Progress = { phase: "moving", message, checkAgainIn: holdAgain };
  if (target.hold === undefined) return still;
  try {
    const held = await target.hold(rollout);
    const said = held.phase === "moving" && held.message !== "" ? `${message}; ${held.message}` : message;
    return { ...held, ...still, message: said };
  } catch (thrown) {
    if (codeOf(thrown) === undefined || codeOf(thrown) === "fenced") throw thrown;
    return { ...still, message: `${message}; it cannot be looked at: ${messageOf(thrown)}` };
  }
}

const refused = ({ by, weight, note }: StepAnswer): string =>
  `${by} refused to go on from ${weight} %${note === null ? "" : `: ${note}`}`;
