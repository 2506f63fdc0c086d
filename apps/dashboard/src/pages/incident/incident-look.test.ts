import { expect, test } from "vitest";
import { incidentLook, severityWords, worstFirst } from "./incident-look.ts";

const told = { number: 1, closedAt: null, proposed: 2, confirmed: null } as const;
const over = "2026-11-01T00:00:00.000Z";

test("of those that go on the worst come first, then the newest; of those that are over the newest", () => {
  const incidents = [
    { ...told, number: 1 },
    { ...told, number: 2, closedAt: over, proposed: 1 as const },
    { ...told, number: 3, confirmed: 1 as const },
    { ...told, number: 4 },
    { ...told, number: 5, closedAt: over },
  ];
  expect(worstFirst(incidents, true).map(({ number }) => number)).toEqual([3, 4, 1]);
  expect(worstFirst(incidents, false).map(({ number }) => number)).toEqual([5, 2]);
});

test("a severity says whether a person has confirmed it, and what was proposed where that differs", () => {
  expect(severityWords(told)).toBe("severity 2, proposed");
  expect(severityWords({ ...told, confirmed: 2 })).toBe("severity 2, confirmed");
  expect(severityWords({ ...told, confirmed: 1 })).toBe("severity 1, confirmed (proposed 2)");
});

test("an incident that nobody has confirmed is told apart from one that somebody has", () => {
  expect(incidentLook(told).words).toBe("open, not confirmed");
  expect(incidentLook({ ...told, confirmed: 3 }).words).toBe("open");
  expect(incidentLook({ ...told, closedAt: over }).words).toBe("closed");
});
