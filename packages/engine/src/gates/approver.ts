import type { Actor, ApprovalTerms, Approver, Role } from "@fairway/core";
import { FairwayError, whyNotCounted } from "@fairway/core";
import { numberOf } from "../store/people/people.ts";
import type { Sql } from "../store/store.ts";

/**
 * Who answers, with the roles they have in an environment; undefined where nobody logs in, or Fairway itself acts: then a
 * name is all there is. A token answers for the person it belongs to.
 */
export async function approverOf(sql: Sql, actor: Actor, environment: string | null): Promise<Approver | undefined> {
  const id = actor.owner?.id ?? actor.id;
  const number = numberOf(id, "u");
  if (number === null) return undefined;
  const [found] = await sql.rows<{ name: string; email: string | null; roles: readonly Role[] | null }>(
    `select p.name, p.email, array_agg(distinct g.role) filter (where g.role is not null) as roles
     from fairway.people p left join fairway.role_grants g on g.person = p.number
       and (g.environment is null or g.environment = $2)
     where p.number = $1 group by p.number`,
    [number, environment],
  );
  return found && { id, name: found.name, email: found.email, roles: found.roles ?? [] };
}

/** Throws `not_allowed_now` for somebody whose yes would not count, with why. */
export function assertCounted(approver: Approver | undefined, terms: ApprovalTerms): void {
  const why = approver === undefined ? null : whyNotCounted(approver, terms);
  if (why === null) return;
  throw new FairwayError("not_allowed_now", `${approver?.name} ${why}, so somebody else has to approve it`, {
    hint: "whoever may approve and had no part in it can: fairway approve",
  });
}
