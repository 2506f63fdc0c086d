import type { State } from "../states.ts";
import { isTerminal } from "../states.ts";
import type { RolloutEnding } from "./rollout.ts";

/** How a deployment truly ended. Green is only the first: the release runs, and what was seen running is it. */
export const deploymentOutcomes = {
  deployed: "The environment runs the release, which was seen there.",
  "rolled-back": "It went wrong or was stopped, and what ran before is back, whole.",
  superseded: "A newer commit came before it had begun, or somebody else's deployment took its place on the platform.",
  stalled: "It came no further until its deadline, or the platform could not carry it out.",
  unknown: "A platform did not answer, or what ran before did not come back whole.",
  untouched: "It ended before anything of it ran: refused, stopped, or impossible by then.",
} as const;

export type DeploymentOutcome = keyof typeof deploymentOutcomes;

/** How a deployment left its environment. */
export interface DeploymentEnd {
  readonly outcome: DeploymentOutcome;
  /** Whether what ran before is back; null where nothing had to come back. */
  readonly restored: boolean | null;
  /** What went wrong first, as its job said it. */
  readonly why: string | null;
}

/** A job of a deployment that has ended, as far as it tells of the outcome. */
export interface EndedJob {
  readonly name: string;
  readonly stage: string;
  readonly state: State;
  readonly reason: string | null;
  /** Why it had to stop before it was done; null when it had not. */
  readonly stop: { readonly cause: "cancelled" | "deadline" } | null;
  /** What else than the release kept a rollout from its end; absent of every other job. */
  readonly ending?: RolloutEnding | undefined;
}

/** Whether a deployment that ended so never changed anything of its environment. */
export const changedNothing = ({ outcome, restored }: Pick<DeploymentEnd, "outcome" | "restored">): boolean =>
  outcome === "untouched" || (outcome === "superseded" && restored === null);

/** How a deployment whose run has ended went. Decides from its jobs alone, so that it can be asked again after any crash. */
export function deploymentEnd(jobs: readonly EndedJob[], superseded: boolean): DeploymentEnd {
  const moved = jobs.filter(({ stage, state }) => (stage === "rollout" || stage === "verify") && state !== "pending");
  const restore = jobs.find(({ stage }) => stage === "restore");
  const why = firstTrouble(jobs);
  if (moved.length === 0) return { outcome: superseded ? "superseded" : "untouched", restored: null, why };
  const isBack = restore?.state === "succeeded";
  const isLeft = restore === undefined || !isTerminal(restore.state);
  if (isLeft && jobs.some(({ stage, state }) => stage === "finish" && state === "succeeded"))
    return { outcome: "deployed", restored: null, why };
  const cause = causeOf(moved);
  return { outcome: cause === "rolled-back" && !isBack ? "unknown" : cause, restored: isBack, why };
}

function causeOf(moved: readonly EndedJob[]): "rolled-back" | "superseded" | "stalled" | "unknown" {
  if (moved.some(({ ending }) => ending === "superseded")) return "superseded";
  if (moved.some(({ ending }) => ending === "stalled")) return "stalled";
  if (moved.some(({ stop, state }) => stop?.cause === "deadline" && state !== "succeeded")) return "stalled";
  return moved.some(({ state }) => state === "errored") ? "unknown" : "rolled-back";
}

const longest = 4000;

/** Which job went wrong first, in the order of the plan, and what it said. */
function firstTrouble(jobs: readonly EndedJob[]): string | null {
  const first = jobs.find(({ state, stage }) => isTerminal(state) && state !== "succeeded" && stage !== "restore");
  return first?.reason?.slice(0, longest) ?? null;
}

/** How a deployment ended, in words for people: `stalled; r3 is back`. */
export function outcomeWords({
  outcome,
  restored,
  from,
  supersededBy,
}: Pick<DeploymentEnd, "outcome" | "restored"> & {
  readonly from: string | null;
  readonly supersededBy: string | null;
}): string {
  if (supersededBy !== null) return `${outcome} by ${supersededBy}`;
  if (restored === null) return outcome;
  if (from === null) return restored ? `${outcome}; nothing runs, as before` : `${outcome}; not cleared away`;
  return `${outcome}; ${from} is ${restored ? "back" : "not back whole"}`;
}

/** What a person must look at after a deployment, and can do; null where nobody need. */
export function attentionAfter(
  { outcome, restored, why }: DeploymentEnd,
  { environment, from, run }: { readonly environment: string; readonly from: string | null; readonly run: string },
): { readonly why: string; readonly action: string } | null {
  const isSure = restored !== false && (outcome !== "unknown" || restored === true);
  if (isSure) return null;
  if (outcome === "superseded")
    return {
      why: `${environment} runs what somebody else deployed${why === null ? "" : `: ${why.split("\n")[0]}`}`,
      action:
        from === null
          ? `see why: fairway deployments show ${run}; then try again: fairway run retry ${run}`
          : `see why: fairway deployments show ${run}; to have Fairway's back: fairway rollback ${environment} --to ${from}`,
    };
  const what = from === null ? "what was started is not cleared away" : `${from} is not back whole`;
  return {
    why: `nobody can say what ${environment} runs: ${what}${why === null ? "" : ` after: ${why.split("\n")[0]}`}`,
    action:
      from === null
        ? `see why: fairway deployments show ${run}; then try again: fairway run retry ${run}`
        : `see why: fairway deployments show ${run}; then bring it back: fairway rollback ${environment} --to ${from}`,
  };
}
