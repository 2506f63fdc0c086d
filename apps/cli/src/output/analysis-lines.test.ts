import { stripVTControlCharacters } from "node:util";
import type { AnalysisShape } from "@fairway/api";
import { describe, expect, test } from "vitest";
import { actedOn, hostile } from "../testing/shapes.ts";
import { analysisLines } from "./analysis-lines.ts";
import { sparkline } from "./sparkline.ts";
import { textWidth } from "./text-width.ts";

type Look = AnalysisShape[number]["looks"][number];

const look = (mine: number, others: number, over: Partial<Look> = {}): Look => ({
  ...{ at: "2026-01-02T03:04:05.000Z", weight: 10, verdict: "pending", reason: "too few requests yet", rules: [] },
  candidate: { release: "r2", requests: 100, errors: mine, p50: 1, p90: 2, p95: 10 + mine, p99: 4 },
  stable: { release: "r1", requests: 900, errors: others, p50: 1, p90: 2, p95: 10, p99: 4 },
  ...over,
});

test("numbers are blocks on a scale, with gaps where there are none", () => {
  expect(sparkline([0, 1, null, 2, 9], 2)).toBe("▁▅ ██");
  expect(sparkline([0, null], 0)).toBe("▁ ");
});

describe("how a new release does", () => {
  test("is drawn beside the old one, on one scale", () => {
    expect(analysisLines([{ service: "web", looks: [look(0, 9), look(4, 9), look(8, 9)] }], 100)).toEqual([
      expect.stringMatching(/ web at 10 % {2}pending$/u),
      "    errors  r2 ▁▅█ 8 %      r1 ▂▂▂ 1 %",
      "    p95     r2 ▅▆█ 18 ms    r1 ▅▅▅ 10 ms",
      "    too few requests yet",
    ]);
  });

  test("has a gap where nobody asked, and says nothing where nothing was seen", () => {
    const nobody = look(0, 0, {
      candidate: { release: "r2", requests: 0, errors: 0, p50: null, p90: null, p95: null, p99: null },
    });
    expect(analysisLines([{ service: "web", looks: [nobody] }], 80)[1]).toContain("r2   –");
    expect(analysisLines([{ service: "web", looks: [] }], 80)).toEqual([]);
  });

  test("fits into any terminal and lets nobody act on it", () => {
    const looks = Array.from({ length: 500 }, (_, at) => look(at % 50, at % 90, { reason: hostile }));
    for (const width of [20, 40, 80, 200])
      for (const line of analysisLines([{ service: hostile, looks }], width)) {
        expect(textWidth(line)).toBeLessThanOrEqual(width);
        expect(stripVTControlCharacters(line)).not.toMatch(actedOn);
      }
  });
});
