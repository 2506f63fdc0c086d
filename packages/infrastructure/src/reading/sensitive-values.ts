import type { ChangeJson, PlanJson } from "./plan-json.ts";

// Marks are lost on the way: what a provider computes from a sensitive value it gives back without one (Terraform 1.15.5
// shows the `output` of a `terraform_data` in clear). So what was sensitive anywhere is sensitive wherever it stands.

/** Shorter ones would hide half of a plan, and only count where they are the whole value. */
const shortest = 4;

/** Says whether a value, as JSON, holds something that is sensitive somewhere in the plan. */
export function sensitiveValuesOf(plan: PlanJson): (json: string) => boolean {
  const found = new Set<string>();
  const collect = (change: ChangeJson): void => {
    gather(change.before, change.before_sensitive, found);
    gather(change.after, change.after_sensitive, found);
  };
  for (const { change } of [...(plan.resource_changes ?? []), ...(plan.resource_drift ?? [])]) collect(change);
  for (const change of Object.values(plan.output_changes ?? {})) collect(change);
  for (const [name, { sensitive }] of Object.entries(plan.configuration?.root_module?.variables ?? {}))
    if (sensitive === true) gather(plan.variables?.[name]?.value, true, found);
  const whole = new Set([...found].map((value) => JSON.stringify(value)));
  const within = [...found]
    .filter((value) => value.length >= shortest)
    .map((value) => JSON.stringify(value).slice(1, -1));
  return (json) => whole.has(json) || within.some((value) => json.includes(value));
}

/** The texts and long numbers of a value that its marks say are sensitive. */
function gather(value: unknown, marks: unknown, found: Set<string>): void {
  if (marks === true) {
    if (typeof value === "string" && value !== "") found.add(value);
    else if (typeof value === "number" && String(value).length >= shortest) found.add(String(value));
    else if (typeof value === "object" && value !== null)
      for (const part of Object.values(value)) gather(part, true, found);
    return;
  }
  if (typeof value !== "object" || value === null || typeof marks !== "object" || marks === null) return;
  for (const [key, mark] of Object.entries(marks))
    if (Object.hasOwn(value, key)) gather((value as Readonly<Record<string, unknown>>)[key], mark, found);
}
