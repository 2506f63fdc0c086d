import type { DutyPlan } from "./duty.ts";
import { peopleOf } from "./duty.ts";
import { dayOf } from "./period.ts";

/** That somebody wants a duty to be passed over. */
export interface WaiverWish {
  readonly duty: string;
  readonly because: string;
  /** Milliseconds since 1970; null where no end was given. */
  readonly until: number | null;
  /** Names by which whoever asks is known. */
  readonly by: readonly string[];
  /** Those who gain by it: who wrote the release, or asked for it to be deployed. */
  readonly gaining: readonly string[];
}

const shortestReason = 20;

/** Why a waiver cannot be given; null when it can. It always ends, and is never given by somebody who gains by it. */
export function waiverObstacle(
  { duty, because, until, by, gaining }: WaiverWish,
  plan: DutyPlan,
  now: number,
): string | null {
  const found = plan.duties.find(({ id }) => id === duty);
  if (found === undefined) return `there is no duty ${duty}`;
  const { longest, approvers } = plan.waivers;
  if (until === null) return "a waiver without an end is none: say until when";
  if (until <= now) return "it would be over already";
  if (until - now > longest) return `it may last ${Math.floor(longest / 3_600_000)} hours at the most`;
  if (because.trim().length < shortestReason) return `say why in at least ${shortestReason} characters`;
  const today = dayOf(now);
  const isOneOf = (names: readonly string[]): boolean => by.some((name) => names.includes(name));
  if (isOneOf(peopleOf(plan.roles, found.owner, today)))
    return `whoever owes a duty does not waive it: that is ${found.owner}`;
  if (isOneOf(gaining)) return "whoever asked for a deployment, or wrote what it brings, does not waive what holds it";
  if (!approvers.some((role) => isOneOf(peopleOf(plan.roles, role, today))))
    return `only ${approvers.join(" or ")} may`;
  return null;
}
