import { expect, test } from "vitest";
import { switched, withRollout } from "./flag-rollout.ts";
import type { FlagDefinition } from "./flag-set.ts";
import { booleanFlag } from "./flag-set.ts";
import { stalenessOf } from "./stale-flags.ts";

const day = (number: number): string => new Date(Date.UTC(2026, 0, 1 + number)).toISOString();
const now = Date.parse(day(100));
const on = switched(booleanFlag, true);
const half = (withRollout(on, { variant: "on", percent: 50 }) as { readonly flag: FlagDefinition }).flag;
const whole = (withRollout(on, { variant: "on", percent: 100 }) as { readonly flag: FlagDefinition }).flag;

test("a flag is stale when everybody has got the same for 30 days", () => {
  expect(stalenessOf([{ at: day(70), definition: on }], now)).toEqual({ variant: "on", since: day(70), days: 30 });
  expect(stalenessOf([{ at: day(71), definition: on }], now)).toBeNull();
  expect(stalenessOf([{ at: day(71), definition: on }], now, 29)).not.toBeNull();
});

test("what was changed without changing what it gives does not make it younger", () => {
  const past = [
    { at: day(0), definition: half },
    { at: day(10), definition: whole },
    { at: day(90), definition: { ...on, metadata: { owner: "shop" } } },
  ];
  expect(stalenessOf(past, now)).toEqual({ variant: "on", since: day(10), days: 90 });
  expect(stalenessOf([...past, { at: day(95), definition: half }], now)).toBeNull();
  expect(stalenessOf([...past, { at: day(95), definition: null }, { at: day(96), definition: on }], now)).toBeNull();
});

test("one that is off for good is stale too, and one that is meant to stay is not", () => {
  expect(stalenessOf([{ at: day(1), definition: booleanFlag }], now)).toMatchObject({ variant: null, days: 99 });
  expect(stalenessOf([{ at: day(1), definition: { ...booleanFlag, metadata: { permanent: true } } }], now)).toBeNull();
  expect(stalenessOf([], now)).toBeNull();
  expect(stalenessOf([{ at: day(1), definition: null }], now)).toBeNull();
});
