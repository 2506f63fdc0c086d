import type { DoraShape } from "@fairway/api";
import { expect, test } from "vitest";
import { doraLines } from "./dora.ts";

const none = { median: null, p90: null, changes: 0 };
const figures: DoraShape["environments"][number]["before"] = {
  deployed: 0,
  perDay: 0,
  leadTime: none,
  changeFailure: { part: 0, whole: 0, rate: null },
  recovery: { median: null, recovered: 0, open: 0 },
  rework: { part: 0, whole: 0, rate: null },
};

test("each environment has its figures beside those before, and says what nothing has mended", () => {
  const found: DoraShape = {
    days: 7,
    service: "api\u001b[2J",
    from: "2026-01-03T12:00:00.000Z",
    to: "2026-01-10T12:00:00.000Z",
    services: ["api"],
    environments: [
      {
        ...figures,
        environment: "production",
        deployed: 3,
        perDay: 3 / 7,
        leadTime: { median: 93_600_000, p90: 93_600_000, changes: 4 },
        changeFailure: { part: 1, whole: 3, rate: 1 / 3 },
        recovery: { median: 75_000, recovered: 1, open: 1 },
        byDay: [],
        before: figures,
      },
    ],
  };
  const text = doraLines(found, 100).join("\n");
  expect(text).toContain("production  3, 3.0 a week  1 d 2 h    33 % (1 of 3)  1 min 15 s  –");
  expect(text).toContain("before    none           –");
  expect(text).toContain("1 that failed and nothing has mended yet");
  expect(text).not.toContain("\u001b[2J");
});
