import { expect, test } from "vitest";
import { cadenceInWords } from "./cadence-in-words.ts";

test.each([
  ["15 2 * * *", "at 02:15 (UTC)"],
  ["0 9 * * 1", "at 09:00, only on Monday (UTC)"],
  ["*/5 * * * *", "every 5 minutes (UTC)"],
  // The clock of duties knows the last Monday, and who says schedules in words does not.
  ["0 9 * * 1#L", "at 0 9 * * 1#L (UTC)"],
])("a duty owed by the schedule %s is owed %s", (cron, words) => {
  expect(cadenceInWords({ kind: "cron", cron, from: "2026-01-01" })).toBe(words);
});

test("months and days are said as they were given", () => {
  const anchored = { kind: "anchored", from: "2026-01-31" } as const;
  expect(cadenceInWords({ ...anchored, every: { months: 1, days: 0 } })).toBe("every month");
  expect(cadenceInWords({ ...anchored, every: { months: 3, days: 2 } })).toBe("every 3 months and 2 days");
  expect(cadenceInWords({ kind: "release", wait: 24 * 3_600_000 })).toBe("for each release, 24 hours before");
});
