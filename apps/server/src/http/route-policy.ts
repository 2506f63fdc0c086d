import type { Route } from "@fairway/api";
import type { Permission, Possible, Principal, RunId, Scope } from "@fairway/core";
import { authorize, everyProject } from "@fairway/core";

/** A policy as routes carry it. */
export type Policy = Pick<Route, "access" | "anywhere" | "stepUp" | "machines">;

/** Looks up what the policy of a request depends on. */
export interface PolicyFacts {
  readonly project: () => Promise<string>;
  /** The environment that a run changes; null for one of the project as a whole, undefined for one that is not there. */
  readonly environmentOf: (run: RunId) => Promise<string | null | undefined>;
  /** The environment of a plan of infrastructure; undefined for one that is not there. */
  readonly environmentOfPlan: (plan: number) => Promise<string | undefined>;
}

/**
 * What an input asks a permission for: every environment it names, and that of every run and plan. What names nothing is the
 * project's, for which a role in one environment is enough only where the route says so.
 */
export async function scopesOf(
  { access, anywhere }: Policy,
  input: Readonly<Record<string, unknown>>,
  { project, environmentOf, environmentOfPlan }: PolicyFacts,
): Promise<readonly Scope[]> {
  const within = "project" in input || "projects" in input ? projectsOf(input) : [await project()];
  const environments = new Set([...stringsOf(input["environment"]), ...stringsOf(input["environments"])]);
  const scopes: Omit<Scope, "project">[] = [...environments].map((environment) => ({ environment }));
  for (const run of stringsOf(input["run"])) {
    const environment = await environmentOf(run as RunId);
    // What a workflow waits for may be any environment's; an approval of it needs a role in all of them.
    if (environment === null) scopes.push({ environment: null, anywhere: access !== "approve" });
    else scopes.push({ environment: environment ?? null });
  }
  if (typeof input["plan"] === "number") scopes.push({ environment: (await environmentOfPlan(input["plan"])) ?? null });
  if (scopes.length === 0) scopes.push({ environment: null, ...(anywhere === true ? { anywhere } : {}) });
  return within.flatMap((one) => scopes.map((scope) => ({ project: one, ...scope })));
}

/** The projects an input names. Who names none means every one, which only those have who have no project's role. */
function projectsOf(input: Readonly<Record<string, unknown>>): readonly string[] {
  const named = [...stringsOf(input["project"]), ...stringsOf(input["projects"])];
  return named.length > 0 ? named : [everyProject];
}

const stringsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === "string");

/** Whether somebody has a permission in every one of these. */
export function allowedIn(principal: Principal, permission: Permission, scopes: readonly Scope[]): Possible {
  for (const scope of scopes) {
    const answer = authorize(principal, permission, scope);
    if (!answer.possible) return answer;
  }
  return scopes.length > 0 ? { possible: true } : { possible: false, reason: "nothing says what this is about" };
}
