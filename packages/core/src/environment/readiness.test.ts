import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReleaseId, RunId } from "../ids.ts";
import { healthOf } from "./health.ts";
import type { ReadinessFacts } from "./readiness.ts";
import { readinessOf } from "./readiness.ts";

const facts = (over: Partial<ReadinessFacts> = {}): ReadinessFacts => ({
  environment: { name: "production", deploys: "on-request", promotesFrom: "staging" },
  next: { release: "r42" as ReleaseId, approvals: 0, obstacles: [] },
  current: "r41" as ReleaseId,
  moving: null,
  lock: null,
  freeze: null,
  ...over,
});

describe("one sentence says whether an environment can take its next release", () => {
  const lock = { by: "dana", reason: "stock-taking", until: null };
  const freeze = { because: "holidays", until: "2026-12-27T00:00:00.000Z" };
  const next = { release: "r42" as ReleaseId, approvals: 0, obstacles: ["r42 is in quarantine (dana)"] };
  const first = { name: "staging", deploys: "automatically", promotesFrom: null } as const;
  test.each<[string, Partial<ReadinessFacts>, string, string]>([
    ["it can", {}, "ready", "production can take r42"],
    [
      "after an approval",
      { next: { ...next, approvals: 1, obstacles: [] } },
      "ready",
      "production can take r42 once one person has approved it",
    ],
    [
      "after two",
      { next: { ...next, approvals: 2, obstacles: [] } },
      "ready",
      "production can take r42 once 2 people have approved it",
    ],
    ["it has it", { current: "r42" as ReleaseId }, "current", "production runs r42, the newest that it can take"],
    ["an obstacle", { next }, "blocked", "production cannot take r42: r42 is in quarantine (dana)"],
    [
      "a lock",
      { lock, freeze },
      "held",
      "production cannot take r42 before the lock of dana is taken off (stock-taking)",
    ],
    [
      "a freeze",
      { freeze },
      "held",
      "production cannot take r42 before its freeze is over at 2026-12-27T00:00:00.000Z (holidays)",
    ],
    [
      "a deployment",
      { moving: "run-7" as RunId },
      "held",
      "production cannot take r42 before run-7 has ended, which changes it now",
    ],
    [
      "nothing was verified before",
      { next: null },
      "nothing",
      "production has nothing to take: staging has not verified any release yet",
    ],
    [
      "there is no release",
      { next: null, environment: first },
      "nothing",
      "staging has nothing to take: there is no release yet",
    ],
  ])("%s", (_when, over, state, sentence) => {
    expect(readinessOf(facts(over))).toMatchObject({ state, sentence });
  });
});

test("an environment is as well as the worst of its services, and says of each what is wrong", () => {
  const service = fc.record({
    name: fc.constantFrom("api", "web"),
    desired: fc.nat(4),
    ready: fc.nat(4),
    problem: fc.constantFrom(null, "docker does not answer"),
    maintenance: fc.constantFrom(null, "back at noon"),
  });
  fc.assert(
    fc.property(fc.array(service, { minLength: 1 }), service, (some, more) => {
      const order = ["healthy", "degraded", "unknown", "down"];
      const [before, after] = [healthOf(some), healthOf([...some, more])];
      expect(order.indexOf(after.state)).toBeGreaterThanOrEqual(order.indexOf(before.state));
      expect(before.because.length === 0).toBe(before.state === "healthy");
    }),
    { numRuns: 50 },
  );
  expect(healthOf([])).toEqual({ state: "empty", because: [] });
});
