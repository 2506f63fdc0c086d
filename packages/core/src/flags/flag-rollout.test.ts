import fc from "fast-check";
import { expect, test } from "vitest";
import { diffFlags, sameJson } from "./flag-diff.ts";
import { flagSetProblems } from "./flag-problems.ts";
import { rolledOutVariant, servingOf, servingText, switched, withRollout } from "./flag-rollout.ts";
import type { FlagDefinition } from "./flag-set.ts";
import { booleanFlag, withFlag, withoutFlag } from "./flag-set.ts";

const rolled = (flag: FlagDefinition, percent: number, variant = "on"): FlagDefinition => {
  const result = withRollout(flag, { variant, percent });
  if (!result.possible) throw new Error(result.reason);
  return result.flag;
};

test("a new flag gives the default in the code, and everybody gets it once it is on", () => {
  expect(servingText(booleanFlag)).toBe("off: the default in the code");
  expect(servingText(switched(booleanFlag, true))).toBe("on to everybody");
  expect(switched(switched(booleanFlag, true), false)).toEqual(booleanFlag);
});

test("a rollout splits, and whoever has no key to be told apart by gets the rest", () => {
  const flag = rolled(booleanFlag, 10);
  expect(flag).toMatchObject({
    state: "ENABLED",
    defaultVariant: "off",
    targeting: {
      fractional: [
        ["on", 10],
        ["off", 90],
      ],
    },
  });
  expect(servingText(flag)).toBe("on to 10 %, off to 90 %");
  expect(servingText(rolled(flag, 100))).toBe("on to everybody");
  expect(servingText(rolled(flag, 0.25))).toBe("on to 0.25 %, off to 99.75 %");
});

test("a rule that says who comes first is kept, and the split follows it", () => {
  const rule = { "==": [{ var: "staff" }, true] };
  const flag: FlagDefinition = { ...booleanFlag, defaultVariant: "off", targeting: { if: [rule, "on"] } };
  const split = {
    fractional: [
      ["on", 20],
      ["off", 80],
    ],
  };
  expect(rolled(flag, 20).targeting).toEqual({ if: [rule, "on", split] });
  expect(rolled(rolled(flag, 5), 20)).toEqual(rolled(flag, 20));
  expect(servingText(rolled(flag, 20))).toBe("by its rule");
  expect(
    withRollout({ ...flag, targeting: { if: [rule, "on", "off"] } }, { variant: "on", percent: 20 }),
  ).toMatchObject({
    possible: false,
  });
  const byMail: FlagDefinition = {
    ...booleanFlag,
    targeting: { fractional: [{ var: "email" }, ["on", 1], ["off", 1]] },
  };
  expect(rolled(byMail, 20).targeting).toEqual({ fractional: [{ var: "email" }, ["on", 20], ["off", 80]] });
});

test.each([-1, 101, Number.NaN, 0.001, 12.345, Infinity])("%d is no percentage", (percent) => {
  expect(withRollout(booleanFlag, { variant: "on", percent })).toMatchObject({ possible: false });
});

test("of more than two variants the default is the rest", () => {
  const flag: FlagDefinition = { state: "ENABLED", variants: { a: 1, b: 2, c: 3 }, defaultVariant: "a" };
  expect(rolledOutVariant(flag)).toBeNull();
  expect(servingText(rolled(flag, 30, "b"))).toBe("b to 30 %, a to 70 %");
  expect(withRollout(flag, { variant: "a", percent: 30 })).toMatchObject({ possible: false });
  expect(withRollout(flag, { variant: "toString", percent: 30 })).toMatchObject({ possible: false });
});

test("whatever is rolled out to whatever part, the flag stays sound and says that part", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 6 }), (steps) => {
      const flag = steps.reduce((one, step) => rolled(one, step / 100), booleanFlag);
      const percent = (steps.at(-1) ?? 0) / 100;
      expect(flagSetProblems({ flags: { f: flag } })).toEqual([]);
      const serving = servingOf(flag);
      // Where it has come to does not depend on the way.
      expect(flag).toEqual(rolled(booleanFlag, percent));
      expect(serving).toMatchObject(
        percent === 100
          ? { gives: "one", variant: "on" }
          : percent === 0
            ? { gives: "one", variant: "off" }
            : { gives: "split", shares: [{ variant: "on", percent }, { variant: "off" }] },
      );
    }),
    { numRuns: 200 },
  );
});

test("two sets differ by flags, and not by the order in which they are written", () => {
  const one = { flags: { a: booleanFlag, b: booleanFlag } };
  const reordered = {
    flags: { b: { ...booleanFlag }, a: Object.fromEntries(Object.entries(booleanFlag).toReversed()) as never },
  };
  expect(diffFlags(one, reordered)).toEqual([]);
  const other = withFlag(withoutFlag(one, "a"), "c", switched(booleanFlag, true));
  expect(
    diffFlags(one, withFlag(other, "b", switched(booleanFlag, true))).map(({ key, change }) => `${key} ${change}`),
  ).toEqual(["a removed", "b changed", "c added"]);
});

test("values are the same JSON exactly when their canonical text is", () => {
  const canonical = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(canonical)
      : typeof value === "object" && value !== null
        ? Object.entries(value)
            .toSorted(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, item]) => [key, canonical(item)])
            .concat([["{}", null]])
        : value;
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      expect(sameJson(one, other)).toBe(JSON.stringify(canonical(one)) === JSON.stringify(canonical(other)));
      expect(sameJson(one, JSON.parse(JSON.stringify(one)))).toBe(true);
    }),
    { numRuns: 200 },
  );
});
