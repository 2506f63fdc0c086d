import type { Credential, Evidence, SecretFacts } from "@fairway/core";
import { expect, test } from "vitest";
import { leakObstacle, placeOfLeak } from "./leaked-values.ts";

const duty = "credential/pay@production:rotate";
const credentials = [{ id: "pay", store: "PAY_KEY" } as Credential];
const kept = (environment: string | null, current: number): SecretFacts => ({
  ...{ name: "PAY_KEY", environment, current, versions: [] },
});
const told = (stored: readonly SecretFacts[]): readonly Evidence[] => [
  { facts: { incident: "i1", ...placeOfLeak(duty, "production", credentials, stored) } } as unknown as Evidence,
];

test("a value that leaked cannot be said to be exchanged while it is the one that is given", () => {
  const then = [kept("production", 3), kept(null, 8)];
  expect(leakObstacle(told(then), "production", then)).toContain("version 3 of PAY_KEY leaked");
  expect(leakObstacle(told(then), "production", [kept("production", 4), kept(null, 8)])).toBeNull();
});

test("a value that all environments have counts where there is no own one", () => {
  const then = [kept(null, 8)];
  expect(leakObstacle(told(then), "production", then)).toContain("version 8");
  expect(leakObstacle(told(then), "production", [kept("production", 1), kept(null, 8)])).toBeNull();
});

test("nothing is held against the exchange of a key that is kept elsewhere, or that never leaked", () => {
  expect(leakObstacle(told([]), "production", [kept("production", 3)])).toBeNull();
  expect(leakObstacle([], "production", [kept("production", 3)])).toBeNull();
});
