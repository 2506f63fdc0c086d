import { appendFileSync } from "node:fs";
import { relative } from "node:path";
import { expect } from "vitest";
import { capabilities } from "./capabilities.mjs";

/** Something of the machine that a suite cannot do without; the list is in `capabilities.mjs`. */
export type CapabilityName = keyof typeof capabilities;

const known = new Map<CapabilityName, boolean>();

/**
 * Whether the machine has what a suite needs: `describe.skipIf(!needs("haproxy"))(…)`. A "no" is recorded for the skip
 * report at the end of `npm test`, and fails in CI if CI could have it.
 */
export function needs(...names: readonly CapabilityName[]): boolean {
  const missing = names.filter((name) => !isThere(name));
  const record = process.env.FAIRWAY_SKIPS;
  if (missing.length > 0 && record !== undefined) {
    const suite = relative(process.cwd(), expect.getState().testPath ?? "unknown");
    // One short append per skip: suites run in processes of their own, and a line this short is written whole.
    appendFileSync(record, missing.map((name) => `${JSON.stringify({ suite, name })}\n`).join(""));
  }
  return missing.length === 0;
}

function isThere(name: CapabilityName): boolean {
  const answer = known.get(name) ?? capabilities[name].isThere();
  known.set(name, answer);
  return answer;
}
