import type { Actor, DutyPlan } from "@fairway/core";
import { FairwayError, peopleOf } from "@fairway/core";

/** Who shows a duty, and by which token if by any. */
export interface Attestor {
  readonly actor: Actor;
  readonly token: "personal" | "service" | null;
}

/**
 * Somebody who logged in says of their own duties how they stand, and of those that escalate to them, and so does their
 * personal token; programs say it of any. Throws `denied`.
 */
export function assertMayAttest(plan: DutyPlan, id: string, { actor, token }: Attestor, today: string): void {
  const duty = plan.duties.find((one) => one.id === id);
  if (duty === undefined || actor.id === "local" || actor.kind === "system" || token === "service") return;
  const { name, id: of } = token === "personal" ? (actor.owner ?? actor) : actor;
  const people = [duty.owner, ...duty.escalation].flatMap((role) => peopleOf(plan.roles, role, today));
  if (people.includes(name) || people.includes(of)) return;
  throw new FairwayError("denied", `${id} is shown by ${[duty.owner, ...duty.escalation].join(" or ")}`);
}
