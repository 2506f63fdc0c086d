import { describe, expect, test } from "vitest";
import { skipReport, skipsOf } from "./skip-report.mjs";

const recorded = `{"suite":"router.test.ts","name":"haproxy"}\n{"suite":"shop.test.ts","name":"root"}\n`;
const skipped = [
  { suite: "router.test.ts" },
  { suite: "shop.test.ts" },
  { suite: "memory.test.ts", reason: "it does not outlive who made it" },
];
const silent = { suite: "silent.test.ts" };

describe("the skip report", () => {
  test("names the suite, the reason and the command that would enable it", () => {
    expect(skipReport(skipsOf({ recorded, skipped, ci: false }))).toEqual([
      "Skipped:",
      "  memory.test.ts: it does not outlive who made it",
      "  router.test.ts: needs HAProxy, the router's yardstick → apt-get install -y haproxy",
      "  shop.test.ts: needs to run as root → run the tests as root (sudo npm test)",
    ]);
  });

  test("says nothing when nothing was skipped", () => {
    expect(skipReport(skipsOf({ recorded: "", skipped: [], ci: true }))).toEqual([]);
  });

  test("tells a suite once for each reason, however many of its tests were skipped", () => {
    const skips = skipsOf({
      recorded: recorded + recorded,
      skipped: [...skipped, ...skipped, silent, silent],
      ci: false,
    });
    expect(skips.map(({ suite }) => suite)).toEqual([
      "memory.test.ts",
      "router.test.ts",
      "shop.test.ts",
      "silent.test.ts",
    ]);
  });

  test("fails nobody on a developer's machine", () => {
    expect(skipsOf({ recorded, skipped: [...skipped, silent], ci: false }).filter(({ fails }) => fails)).toEqual([]);
  });

  test("fails CI for the want of what CI could have, and for a skip without a reason", () => {
    const failing = skipsOf({ recorded, skipped: [...skipped, silent], ci: true }).filter(({ fails }) => fails);
    expect(failing.map(({ suite }) => suite)).toEqual(["router.test.ts", "silent.test.ts"]);
  });
});
