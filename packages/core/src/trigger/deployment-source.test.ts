import fc from "fast-check";
import { expect, test } from "vitest";
import type { ReleaseId } from "../ids.ts";
import type { NameMatcher, TriggeredDeploymentFacts } from "./deployment-source.ts";
import { decideTriggeredDeployment, sourceProblems } from "./deployment-source.ts";

const matcher: NameMatcher = {
  fits: ({ ignore, patterns }, name) => patterns.some((pattern) => name.startsWith(pattern)) !== ignore,
  inRange: (range, tag) => tag.startsWith(range),
};

const release = fc.record({
  id: fc.constant("r1" as ReleaseId),
  verifiedIn: fc.subarray(["development", "staging", "production"]),
  inQuarantine: fc.boolean(),
});
const facts: fc.Arbitrary<TriggeredDeploymentFacts> = fc.record({
  environment: fc.constant("production"),
  sha: fc.constant("a".repeat(40)),
  promotesFrom: fc.constantFrom(null, "staging"),
  release: fc.option(release),
  inTheMaking: fc.boolean(),
  sourceProblems: fc.subarray(["no tag", "not on main"]),
  overtakenBy: fc.option(fc.constant("b".repeat(40))),
});

test("nothing goes to production but a release that the environment before has verified, and nothing is built for it", () => {
  fc.assert(
    fc.property(facts, (given) => {
      const decided = decideTriggeredDeployment(given);
      const isVerified = given.promotesFrom !== null && given.release?.verifiedIn.includes(given.promotesFrom) === true;
      const goesUnverified = decided.decision === "release" || (decided.decision === "deploy" && !isVerified);
      expect(given.promotesFrom !== null && goesUnverified).toBe(false);
    }),
  );
});

test("no commit from where the environment does not take it goes there, nor one that was overtaken or is in quarantine", () => {
  fc.assert(
    fc.property(facts, (given) => {
      const isBarred =
        given.sourceProblems.length > 0 || given.overtakenBy !== null || given.release?.inQuarantine === true;
      const { decision } = decideTriggeredDeployment(given);
      expect(decision === "no").toBe(isBarred);
    }),
  );
});

test("what has no obstacle goes on: it is deployed, made, or waited for with a reason", () => {
  fc.assert(
    fc.property(facts, (given) => {
      const decided = decideTriggeredDeployment(given);
      const said = decided.decision === "wait" ? decided.until : decided.decision === "no" ? decided.why : "being made";
      expect(said).toMatch(/being made|no release|not verified|no tag|not on main|moved on|quarantine/);
    }),
  );
});

test("an environment takes a commit exactly when it bears such a tag and is on the branch", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("v1.0.0", "v2.0.0", "nightly-1", "1.2.3"), { maxLength: 3 }),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      (tags, onBranch, asksTags, asksBranch) => {
        const rule = {
          tags: asksTags ? { names: { ignore: false, patterns: ["v"] }, semver: null } : null,
          branch: asksBranch ? "main" : null,
        };
        const problems = sourceProblems("production", rule, { tags, onBranch }, matcher);
        const takes = (!asksTags || tags.some((tag) => tag.startsWith("v"))) && (!asksBranch || onBranch);
        expect(problems.length === 0).toBe(takes);
      },
    ),
  );
});
