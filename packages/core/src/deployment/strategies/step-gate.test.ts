import { expect, test } from "vitest";
import type { AnalysisFact, Facts } from "../strategy.ts";
import { plainFacts } from "../strategy.ts";
import { stepGate } from "./step-gate.ts";

const after = (verdict: AnalysisFact["verdict"], more: Partial<Facts> = {}): Facts => ({
  ...plainFacts,
  analysis: { verdict, reason: "so it is" },
  ...more,
});

test("a step stands its time, and then goes on where nothing is analysed", () => {
  expect(stepGate(10, 5, plainFacts)).toEqual({ do: "hold", until: "10 % has stood the time of its step" });
  expect(stepGate(10, 5, { ...plainFacts, sinceShift: 5 })).toBeNull();
});

test("a step that waits for a person asks until it is answered, however long that takes", () => {
  const later = { ...plainFacts, sinceShift: 1e12 };
  expect(stepGate(10, "approval", later)).toEqual({ do: "ask", question: "go on from 10 %?" });
  expect(stepGate(10, "approval", { ...later, approved: [5] })).toMatchObject({ do: "ask" });
  expect(stepGate(10, "approval", { ...later, approved: [10] })).toBeNull();
});

test("no figures, and figures that tell nothing, never pass: a person is asked", () => {
  for (const verdict of ["no-data", "inconclusive"] as const) {
    const facts = after(verdict, { sinceShift: 5 });
    expect(stepGate(10, 5, facts)).toEqual({ do: "ask", question: "go on from 10 %? so it is" });
    expect(stepGate(10, 5, { ...facts, approved: [10] })).toBeNull();
  }
  expect(stepGate(10, 5, after("pending", { sinceShift: 1e12 }))).toMatchObject({ do: "hold" });
});

test("bad figures end it at once, whatever the time and whoever said to go on", () => {
  expect(stepGate(10, 5, after("fail", { approved: [10] }))).toEqual({ do: "abort", reason: "so it is" });
});

test("whoever waits for a person is told the good figures too", () => {
  expect(stepGate(10, "approval", after("pass"))).toEqual({ do: "ask", question: "go on from 10 %? so it is" });
  expect(stepGate(10, 0, after("pass"))).toBeNull();
});
