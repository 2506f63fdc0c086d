import { expect, test } from "vitest";
import { benchmarkPage, verdictOn } from "../bench/table/benchmark-table.mjs";

const machine = "Machine: 2 × Example, 4 GiB, Linux 6 x64, Node v20.";
type Result = Parameters<typeof verdictOn>[0];
const ran = (file: string, goal: Result["goal"]): Result => ({
  file,
  name: `what | ${file} does`,
  goal,
  load: 0.25,
  day: "2026-01-31",
});
const result = (file: string, ours: number, goal: Result["goal"]): Result => ({
  ...ran(file, goal),
  ours,
  anchor: 50,
  unit: "ms",
});
const rows = (page: string): readonly string[] => page.split("\n").filter((line) => line.startsWith("| ["));

test("a bench stands in the table with its figures, its goal and whether it was met", () => {
  const results = [
    result("fast", 25, { atMost: 30 }),
    result("slow", 31.25, { atMost: 30 }),
    result("wide", 4, { atLeast: 5 }),
    { ...ran("gone", { atMost: 1 }), unit: "ms", skipped: "no HAProxy" },
    { ...ran("broken", { atMost: 1 }), unit: "ms", failed: "it broke" },
  ];
  expect(results.map((one) => verdictOn(one))).toEqual(["met", "missed", "missed", "skipped", "failed"]);
  const page = benchmarkPage({ results, machine, before: "", benches: results.map(({ file }) => file) });
  expect(page).toContain(`\n${machine}\n`);
  expect(rows(page)).toEqual([
    "| [fast](../../bench/fast.bench.mjs) | what \\| fast does | 25 ms | 50 ms | 0.5 | ≤ 30 ms | met | 0.3 | 2026-01-31 |",
    "| [slow](../../bench/slow.bench.mjs) | what \\| slow does | 31.3 ms | 50 ms | 0.625 | ≤ 30 ms | **missed** | 0.3 | 2026-01-31 |",
    "| [wide](../../bench/wide.bench.mjs) | what \\| wide does | 4 ms | 50 ms | 0.08 | ≥ 5 ms | **missed** | 0.3 | 2026-01-31 |",
    "| [gone](../../bench/gone.bench.mjs) | what \\| gone does | – | – | – | ≤ 1 ms | skipped: no HAProxy | 0.3 | 2026-01-31 |",
    "| [broken](../../bench/broken.bench.mjs) | what \\| broken does | – | – | – | ≤ 1 ms | **failed: it broke** | 0.3 | 2026-01-31 |",
  ]);
});

test("a run of a few leaves the rows of the others, but not those of another machine or of a bench that is gone", () => {
  const benches = ["a", "b"];
  const both = [result("a", 1, { atMost: 2 }), result("b", 1, { atMost: 2 }), result("old", 1, { atMost: 2 })];
  const first = benchmarkPage({ results: both, machine, before: "", benches: [...benches, "old"] });
  const second = benchmarkPage({ results: [result("b", 3, { atMost: 2 })], machine, before: first, benches });
  expect(rows(second).map((row) => row.split(" | ").slice(2, 3))).toEqual([["1 ms"], ["3 ms"]]);
  const other = benchmarkPage({
    results: [result("b", 3, { atMost: 2 })],
    machine: "Machine: new.",
    before: first,
    benches,
  });
  expect(rows(other)).toHaveLength(1);
  expect(other).toContain("1 of 2 benches have not been run on this machine.");
});

test("what missed its goal is explained below, by what its bench says or by what was said before", () => {
  const goal = { atMost: 2 };
  const explained = { ...result("a", 3, goal), explanation: "It waits\nfor the disk." };
  const first = benchmarkPage({ results: [explained, result("b", 1, goal)], machine, before: "", benches: ["a", "b"] });
  expect(first).toContain("\n- `a`: It waits for the disk.\n");
  const again = benchmarkPage({ results: [result("b", 3, goal)], machine, before: first, benches: ["a", "b"] });
  expect(again).toContain("\n- `a`: It waits for the disk.\n- `b`: not explained yet\n");
  const mended = benchmarkPage({
    results: [result("a", 1, goal), result("b", 1, goal)],
    machine,
    before: again,
    benches: ["a", "b"],
  });
  expect(mended).not.toContain("What was missed");
});
