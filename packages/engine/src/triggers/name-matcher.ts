import type { NameMatcher } from "@fairway/core";

/** Compares names by GitHub's patterns and by ranges of semantic versions; loaded when something happens, and not before. */
export async function nameMatcher(): Promise<NameMatcher> {
  const [{ letsThrough }, { default: semver }] = await Promise.all([import("@fairway/workflow"), import("semver")]);
  return {
    fits: (filter, name) => letsThrough(filter, name),
    inRange: (range, tag) => {
      const version = semver.valid(tag.replace(/^v(?=\d)/u, ""));
      return version !== null && semver.satisfies(version, range);
    },
  };
}
