import fc from "fast-check";
import { expect, test } from "vitest";
import { isRoundDue } from "./bake-rounds.ts";

const rounds = { every: 25, until: 200 };

test("the first round is due at once, the next after a while by when the last began, and one more at the end", () => {
  expect(isRoundDue({ ...rounds, begunAt: null }, 100)).toBe(true);
  expect(isRoundDue({ ...rounds, begunAt: 100 }, 124)).toBe(false);
  expect(isRoundDue({ ...rounds, begunAt: 100 }, 125)).toBe(true);
  expect(isRoundDue({ ...rounds, begunAt: 199 }, 200)).toBe(true);
  expect(isRoundDue({ ...rounds, begunAt: 200 }, 201)).toBe(false);
});

test("however many rounds were recorded before a restart, a bake ends on one that began at its end or later", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 8 }), fc.nat(200), (begun, late) => {
      const recorded = begun.toSorted((one, other) => one - other);
      const now = Math.max(rounds.until, ...recorded) + late;
      let last: number | null = null;
      let made = 0;
      while (isRoundDue({ ...rounds, begunAt: last }, now)) last = recorded[made++] ?? now;
      expect(last).toBeGreaterThanOrEqual(rounds.until);
      expect(made).toBeLessThanOrEqual(recorded.length + 1);
    }),
  );
});
