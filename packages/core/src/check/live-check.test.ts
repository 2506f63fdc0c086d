import fc from "fast-check";
import { expect, test } from "vitest";
import { junitOf } from "./junit.ts";
import type { CheckTest } from "./live-check.ts";
import { flakyTests, percentileOf, reportOfTests } from "./live-check.ts";
import { condemnsInBake } from "./synthetic.ts";

const named = (name: string, state: CheckTest["state"]): CheckTest => ({
  name,
  state,
  took: 1,
  message: state === "passed" ? null : "no",
  requestId: "id",
  exchange: null,
});
const tests = fc
  .array(
    fc.record({ name: fc.constantFrom("a", "b", "c"), state: fc.constantFrom("passed", "failed", "skipped" as const) }),
    { maxLength: 6 },
  )
  .map((all) => all.map(({ name, state }) => named(name, state)));

test("tests pass together exactly when one passed and none failed, and none at all say nothing", () => {
  fc.assert(
    fc.property(tests, (all) => {
      const { status } = reportOfTests("x", all);
      const failed = all.some(({ state }) => state === "failed");
      const passed = all.some(({ state }) => state === "passed");
      expect(status).toBe(failed ? "failed" : passed ? "passed" : "no-data");
    }),
  );
});

test("flaky is what failed and then only passed with the same release, and nothing else", () => {
  fc.assert(
    fc.property(tests, tests, (first, again) => {
      for (const name of flakyTests(first, again)) {
        expect(first.some((one) => one.name === name && one.state === "failed")).toBe(true);
        expect(again.filter((one) => one.name === name).some(({ state }) => state === "failed")).toBe(false);
      }
    }),
  );
});

test("two failures in a row condemn a release that bakes, and what has no data is between neither", () => {
  expect(condemnsInBake(["failed", "passed", "failed"])).toBe(false);
  expect(condemnsInBake(["failed", "no-data", "failed"])).toBe(true);
  expect(condemnsInBake(["passed", "failed", "failed"])).toBe(true);
  expect(condemnsInBake(["no-data", "no-data", "no-data"])).toBe(false);
});

test("a percentile is one of the values, and so many of them are not above it", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.integer({ min: 1, max: 100 }), (values, percent) => {
      const found = percentileOf(values, percent) ?? Number.NaN;
      expect(values).toContain(found);
      expect(values.filter((value) => value <= found).length / values.length).toBeGreaterThanOrEqual(percent / 100);
    }),
  );
  expect(percentileOf([], 50)).toBeNull();
});

test("JUnit tells counts, request ids and messages, and nothing in them breaks it", () => {
  const xml = junitOf([
    {
      name: "shop",
      tests: [
        named("a", "passed"),
        { ...named("b", "failed"), message: 'no <"&\u0000> \ud800' },
        named("c", "skipped"),
      ],
    },
  ]);
  expect(xml).toContain('<testsuite name="shop" tests="3" failures="1" skipped="1" time="0.003">');
  expect(xml).toContain("request id");
  expect(xml).toContain("no &lt;&quot;&amp;&gt;");
  expect(xml).not.toContain("\u0000");
});
