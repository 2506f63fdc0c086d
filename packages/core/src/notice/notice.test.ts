import fc from "fast-check";
import { expect, test } from "vitest";
import { mostTries, nextTryIn } from "./next-try.ts";
import { secretsOfPlace, wants } from "./notice-channel.ts";

test("the next try never comes sooner than it was asked for, and never later than an hour unless it was", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: mostTries - 1 }),
      fc.option(fc.integer({ min: 0, max: 7_200_000 })),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (tries, asked, chance) => {
        const pause = nextTryIn(tries, asked, chance) ?? -1;
        return pause >= (asked ?? 0) && pause <= Math.max(asked ?? 0, 3_600_000) && pause >= 1_000;
      },
    ),
  );
});

test("after twenty tries there is no other", () => {
  expect(nextTryIn(mostTries, null, 0.5)).toBeNull();
});

test("a channel hears only of its kinds and environments", () => {
  const channel = { about: ["deployment.failed"], environments: ["production"] } as const;
  expect(wants(channel, { kind: "deployment.failed", environment: "production" })).toBe(true);
  expect(wants(channel, { kind: "deployment.failed", environment: "staging" })).toBe(false);
  expect(wants(channel, { kind: "deployment.failed", environment: null })).toBe(false);
  expect(wants(channel, { kind: "release.made", environment: "production" })).toBe(false);
  expect(wants({ ...channel, environments: null }, { kind: "deployment.failed", environment: null })).toBe(true);
});

test("the secrets of a place are found by their names", () => {
  const place = { kind: "webhook", url: "https://example.com", secret: { secret: "HOOK" } } as const;
  expect(secretsOfPlace(place)).toEqual(["HOOK"]);
});
