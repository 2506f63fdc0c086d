import { expect, test } from "vitest";
import { gasChanges } from "./gas-snapshot.ts";

const lines = (...figures: readonly [string, string][]): string =>
  figures.map(([name, figure]) => `${name} (${figure})\n`).join("");

test("tests that take other gas than before are named with both figures", () => {
  const before = lines(
    ["T:test_A()", "gas: 20000"],
    ["T:testFuzz_B(uint96)", "runs: 256, μ: 210150, ~: 214746"],
    ["T:test_C()", "gas: 5"],
    ["T:invariant_D()", "runs: 32, calls: 768, reverts: 0"],
  );
  const after = lines(
    ["T:test_A()", "gas: 21000"],
    ["T:testFuzz_B(uint96)", "runs: 256, μ: 210151, ~: 107373"],
    ["T:test_C()", "gas: 5"],
    ["T:invariant_D()", "runs: 32, calls: 700, reverts: 0"],
    ["T:test_E()", "gas: 1"],
  );
  expect(gasChanges(before, after)).toEqual([
    "T:test_A(): 20,000 → 21,000 (+5.0 %)",
    "T:testFuzz_B(uint96): 214,746 → 107,373 (−50.0 %)",
  ]);
  expect(gasChanges(before, before)).toEqual([]);
  expect(gasChanges("", after)).toEqual([]);
});
