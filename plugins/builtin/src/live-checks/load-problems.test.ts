import fc from "fast-check";
import { expect, test } from "vitest";
import { loadTests } from "./load-problems.ts";

const millis = fc.integer({ min: 0, max: 10_000 });
const figures = fc.record({
  requests: fc.constant(1000),
  rate: fc.constant(100),
  p50: millis,
  p95: millis,
  p99: millis,
  errors: fc.integer({ min: 0, max: 100 }),
});

test("a load passes exactly when it keeps to every limit, and what is compared with nothing decides nothing", () => {
  fc.assert(
    fc.property(
      figures,
      fc.option(millis),
      fc.option(millis),
      fc.nat(100),
      fc.option(fc.nat(200)),
      fc.option(millis),
      (found, p95, p99, errors, slower, before) => {
        const tests = loadTests(found, { p95, p99, errors, slower }, before);
        const isSlower =
          slower !== null && before !== null && found.p95 > Math.max(before * (1 + slower / 100), before + 2);
        const isWell =
          found.errors <= errors &&
          (p95 === null || found.p95 <= p95) &&
          (p99 === null || found.p99 <= p99) &&
          !isSlower;
        expect(tests.every(({ state }) => state !== "failed")).toBe(isWell);
        expect(tests.some(({ state }) => state === "skipped")).toBe(slower !== null && before === null);
      },
    ),
  );
});
