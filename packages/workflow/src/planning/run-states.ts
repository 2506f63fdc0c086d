import type { JsonObject } from "../model/json.ts";

/** How a job can end. */
export type JobResult = "success" | "failure" | "cancelled" | "skipped";

/** How a job or one of its legs stands: nothing is known of one that has not begun. */
export type InstanceState =
  | { readonly state: "running" }
  | { readonly state: "ended"; readonly result: JobResult; readonly outputs: Readonly<Record<string, string>> };

/** How the instances of a run stand, by key. */
export type InstanceStates = ReadonlyMap<string, InstanceState>;

/** What one job came to, all its legs taken together. */
export interface JobOutcome {
  readonly result: JobResult;
  readonly outputs: Readonly<Record<string, string>>;
}

/** What a run knows from its beginning. */
export interface RunFacts {
  readonly github: JsonObject;
  readonly vars: JsonObject;
  readonly inputs: JsonObject;
  /** Whether a person or a newer run has cancelled it. */
  readonly cancelled: boolean;
}

/** Several legs as one: a failure outweighs a cancel, and the last leg that has something to say gives an output. */
export function combinedOutcome(legs: readonly JobOutcome[]): JobOutcome {
  const results = new Set(legs.map(({ result }) => result));
  const result =
    (["failure", "cancelled", "success"] as const).find((candidate) => results.has(candidate)) ?? "skipped";
  const outputs: Record<string, string> = {};
  for (const leg of legs) {
    for (const [name, value] of Object.entries(leg.outputs)) if (value !== "") outputs[name] = value;
  }
  return { result, outputs };
}
