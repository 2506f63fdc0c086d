import { expect, test } from "vitest";
import { firstOf } from "./free-port.ts";

const range = { from: 20_000, to: 29_999 };

test("hosts of a hundred processes with numbers in a row begin far from each other, and in the range", () => {
  for (const pid of [1, 4_711, 4_194_304]) {
    const firsts = Array.from({ length: 100 }, (_, next) => firstOf(range, pid + next)).toSorted((a, b) => a - b);
    expect(firsts[0]).toBeGreaterThanOrEqual(range.from);
    expect(firsts.at(-1)).toBeLessThanOrEqual(range.to);
    const apart = firsts.slice(1).map((first, place) => first - (firsts[place] ?? 0));
    expect(Math.min(...apart)).toBeGreaterThan(30);
  }
});
