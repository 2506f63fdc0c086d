import fc from "fast-check";
import { expect, test } from "vitest";
import { releaseId } from "../ids.ts";
import type { Ending, Quarantine } from "./quarantine.ts";
import { quarantineSentence, quarantinedBy } from "./quarantine.ts";

const ending: Ending = {
  reason: "rollback",
  carriedThrough: true,
  answeredNo: false,
  stoodBefore: true,
  left: "bad",
  tried: "good",
  causes: "failures",
};

const endings: fc.Arbitrary<Ending> = fc.record({
  reason: fc.constantFrom("deploy", "promotion", "rollback"),
  carriedThrough: fc.boolean(),
  answeredNo: fc.boolean(),
  stoodBefore: fc.boolean(),
  left: fc.constantFrom("a", "b", null),
  tried: fc.constantFrom("a", "b"),
  causes: fc.constantFrom("failures", "rollbacks"),
});

test("a rollback puts what it left into quarantine, and a deployment that failed what it tried", () => {
  expect(quarantinedBy(ending)).toEqual({ digest: "bad", cause: "rollback" });
  const failed: Ending = { ...ending, reason: "promotion", carriedThrough: false, answeredNo: true };
  expect(quarantinedBy(failed)).toEqual({ digest: "good", cause: "failure" });
  expect(quarantinedBy({ ...failed, left: null })).toEqual({ digest: "good", cause: "failure" });
});

test("a way forward again, what was stopped and what could not be found out put nothing there", () => {
  expect(quarantinedBy({ ...ending, stoodBefore: false })).toBeNull();
  expect(quarantinedBy({ ...ending, carriedThrough: false })).toBeNull();
  expect(quarantinedBy({ ...ending, reason: "deploy", carriedThrough: false })).toBeNull();
  expect(
    quarantinedBy({ ...ending, reason: "deploy", carriedThrough: false, answeredNo: true, causes: "rollbacks" }),
  ).toBeNull();
});

test("what an environment runs after a deployment is never put into quarantine by it", () => {
  fc.assert(
    fc.property(endings, (one) => {
      const runs = one.carriedThrough ? one.tried : one.left;
      expect(quarantinedBy(one)?.digest ?? "nothing").not.toBe(runs);
    }),
  );
});

test("a deployment that was carried through and is no rollback puts nothing there", () => {
  const forward = fc.constantFrom("deploy", "promotion" as const);
  fc.assert(
    fc.property(endings, forward, (one, reason) => {
      expect(quarantinedBy({ ...one, carriedThrough: true, reason })).toBeNull();
    }),
  );
});

test("the sentence names who, when and why, and the release that another is the same as", () => {
  const quarantine: Quarantine = {
    digest: "bad",
    release: releaseId(3),
    reason: "prices are wrong",
    by: "ada",
    at: "2026-11-21T10:20:30.000Z",
    cause: "rollback",
    run: null,
    environment: null,
  };
  const since = "in quarantine since 2026-11-21 10:20 UTC by ada: prices are wrong";
  expect(quarantineSentence(releaseId(3), quarantine)).toBe(`r3 is ${since}`);
  expect(quarantineSentence(releaseId(4), quarantine)).toBe(`r4 has the same digest as r3, which is ${since}`);
  expect(quarantineSentence(null, quarantine)).toBe(`it has the same digest as r3, which is ${since}`);
});
