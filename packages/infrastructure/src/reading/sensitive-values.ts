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
  const holds = anyWithin(
    [...found].filter((value) => value.length >= shortest).map((value) => JSON.stringify(value).slice(1, -1)),
  );
  return (json) => whole.has(json) || holds(json);
}

/**
 * Says whether a text holds one of many, by how they begin and then by how long those are, so that a text is gone through once
 * however many there are: each of thousands of resources may have a secret of its own.
 */
function anyWithin(secrets: readonly string[]): (text: string) => boolean {
  const all = new Set(secrets);
  const lengths = new Map<string, Set<number>>();
  for (const secret of all) {
    const beginning = secret.slice(0, shortest);
    const known = lengths.get(beginning);
    if (known === undefined) lengths.set(beginning, new Set([secret.length]));
    else known.add(secret.length);
  }
  if (all.size === 0) return () => false;
  return (text) => {
    for (let at = 0; at + shortest <= text.length; at++)
      for (const length of lengths.get(text.slice(at, at + shortest)) ?? [])
        if (all.has(text.slice(at, at + length))) return true;
    return false;
  };
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
