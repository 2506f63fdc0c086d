import type { ApprovalTerms, RunId } from "@fairway/core";
import { authorize } from "@fairway/core";
import { approverOf } from "../gates/approver.ts";
import { isWorthAsking } from "../gates/approve-by-link.ts";
import type { Person } from "../store/people/people.ts";
import { listPeople } from "../store/people/people.ts";
import { runById } from "../store/runs.ts";
import type { Sql } from "../store/store.ts";

/** Somebody whose yes to a run would count, with an address at which nobody else is told. */
export interface ApproverToTell extends Pick<Person, "id" | "name"> {
  readonly email: string;
}

/** The people who may approve a run, and are not held back from it by having asked for it or written it. */
export async function approversToTell(
  sql: Sql,
  run: RunId,
  environment: string | null,
  project: string,
): Promise<readonly ApproverToTell[]> {
  const { terms } = await runById(sql, run);
  const people = await listPeople(sql);
  const found = await Promise.all(people.map((person) => asApprover(sql, person, { terms, environment, project })));
  return found.filter((one) => one !== null);
}

async function asApprover(
  sql: Sql,
  { id, name, email, disabled, grants }: Person,
  {
    terms,
    environment,
    project,
  }: { readonly terms: ApprovalTerms; readonly environment: string | null; readonly project: string },
): Promise<ApproverToTell | null> {
  if (disabled || email === null) return null;
  const principal = { kind: "person", id, name, grants, limits: null } as const;
  if (!authorize(principal, "approve", { project, environment }).possible) return null;
  return isWorthAsking(await approverOf(sql, principal, environment), terms) ? { id, name, email } : null;
}
