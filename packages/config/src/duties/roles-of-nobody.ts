import type { DutyPlan } from "@fairway/core";
import { peopleOf, withFound } from "@fairway/core";
import type { Problem } from "../problems.ts";
import { sortProblems } from "../problems.ts";

/**
 * Where a plan relies on roles that nobody has on a day: who owes, hears next, waives or owns a gate. The plan holds
 * nevertheless: it was right when it was written, and who left has left under all of its commits.
 */
export function rolesOfNobody(plan: DutyPlan, day: string): readonly Problem[] {
  const { duties, roles } = withFound(plan, { day, tokens: [], drift: [] });
  const problems = duties.flatMap(({ id, owner, place: { file, line }, seen, mend }): readonly Problem[] => {
    const at = { file, line, column: 1, path: "", code: "missing" } as const;
    if (seen !== undefined) return [{ ...at, message: seen.why, ...(mend === undefined ? {} : { fix: mend }) }];
    if (peopleOf(roles, owner, day).length > 0) return [];
    const fix = `name somebody for ${owner} in ops/people.yaml, or give it to another role`;
    return [{ ...at, message: `nobody is ${owner} any more, who owes ${id}`, fix }];
  });
  return sortProblems(problems);
}
