import type { IdleReplica, ReleaseId, StrategyOptions } from "@fairway/core";
import { expect, test } from "vitest";
import { staysWarm, warmUntil } from "./warm-time.ts";

const old = "r1" as ReleaseId;
const left = { release: old, since: "2026-11-22T10:00:00.000Z", isBad: false };
const began = Date.parse(left.since);
const kept: { readonly strategy: StrategyOptions } = { strategy: { name: "blue-green", bake: 0, keepWarm: 60_000 } };
const unkept: { readonly strategy: StrategyOptions } = { strategy: { name: "blue-green", bake: 0 } };
const idle = (busy: number): readonly IdleReplica[] => [{ replica: "r1-0", release: old, busy }];

const stays = (after: number, busy = 0): ReleaseId | null =>
  staysWarm(left, kept, { now: began + after, patience: 30_000, idle: idle(busy) });

test("an old set is warm for its time, counted from the end of the deployment", () => {
  expect(warmUntil(left, kept)).toBe(began + 60_000);
  expect([stays(0), stays(59_999), stays(60_000)]).toEqual([old, old, null]);
});

test("one that still works is waited for, but not for ever", () => {
  expect([stays(60_000, 1), stays(89_999, 1), stays(90_000, 1)]).toEqual([old, old, null]);
});

test("nothing is warm where nothing was left, by a strategy that keeps nothing, and after a rollback", () => {
  const now = { now: began, patience: 30_000, idle: idle(0) };
  expect(staysWarm(null, kept, now)).toBeNull();
  expect(staysWarm(left, unkept, now)).toBeNull();
  expect(staysWarm({ ...left, isBad: true }, kept, now)).toBeNull();
  expect(warmUntil({ ...left, isBad: true }, kept)).toBeNull();
});

test("what was rolled back from may finish its work, though no longer than a deployment may take", () => {
  const bad = { ...left, isBad: true };
  const at = (after: number) => staysWarm(bad, kept, { now: began + after, patience: 30_000, idle: idle(1) });
  expect([at(0), at(29_999), at(30_000)]).toEqual([old, old, null]);
});
