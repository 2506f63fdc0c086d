import { expect, test } from "vitest";
import { defaultCanary } from "./canary.ts";
import { defaultRolling } from "./rolling.ts";
import { flagsAt } from "./step-flags.ts";

test("each step's flags count from its share on, and a later step's word counts", () => {
  const steps = [
    { weight: 10, pause: 0, flags: { pay: 5, search: 1 } },
    { weight: 50, pause: 0 },
    { weight: 80, pause: 0, flags: { pay: 100 } },
  ];
  const at = (weight: number): object => flagsAt({ ...defaultCanary, steps }, weight);
  expect([0, 10, 50, 80, 100].map(at)).toEqual([
    {},
    { pay: 5, search: 1 },
    { pay: 5, search: 1 },
    { pay: 100, search: 1 },
    { pay: 100, search: 1 },
  ]);
  expect(flagsAt(defaultRolling, 100)).toEqual({});
});
