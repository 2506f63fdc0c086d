import type { ProblemMatcher } from "./problem-matcher.ts";

/** A change of the matchers that stay for the steps to come. */
export type MatcherChange = { readonly add: readonly ProblemMatcher[] } | { readonly remove: readonly string[] };

/** What a step leaves for later steps, in the order in which it happened; from its output and from its files. */
export interface StepEffects {
  outputs: Record<string, string>;
  env: Record<string, string>;
  paths: string[];
  /** For the post step of the same action alone. */
  state: Record<string, string>;
  masks: string[];
  matchers: MatcherChange[];
  /** A command or a file that could not be processed fails the step, whatever its exit code. */
  failed: boolean;
}

export function noEffects(): StepEffects {
  return { outputs: {}, env: {}, paths: [], state: {}, masks: [], matchers: [], failed: false };
}

/** The matchers after a change: the newest first, an owner at most once. */
export function withMatchers(matchers: readonly ProblemMatcher[], change: MatcherChange): readonly ProblemMatcher[] {
  const names = "add" in change ? change.add.map(({ owner }) => owner) : change.remove;
  const gone = new Set(names.map((name) => name.toLowerCase()));
  const rest = matchers.filter(({ owner }) => !gone.has(owner.toLowerCase()));
  return "add" in change ? [...change.add.toReversed(), ...rest] : rest;
}
