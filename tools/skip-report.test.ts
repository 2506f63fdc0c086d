import { describe, expect, test } from "vitest";
import { skipReport, skippedFilesOf, skipsOf } from "./skip-report.mjs";

const recorded = `{"suite":"router.test.ts","name":"haproxy"}\n{"suite":"shop.test.ts","name":"podman"}\n`;

describe("the skip report", () => {
  test("names the suite, the reason and the command that would enable it", () => {
    const skips = skipsOf({ recorded, skippedFiles: ["router.test.ts", "shop.test.ts"], ci: false });
    expect(skipReport(skips)).toEqual([
      "Skipped: 2",
      "  router.test.ts needs HAProxy, the router's yardstick",
      "    → apt-get install -y haproxy",
      "  shop.test.ts needs Podman, to run containers",
      "    → apt-get install -y podman",
    ]);
  });

  test("says nothing when nothing was skipped", () => {
    expect(skipReport(skipsOf({ recorded: "", skippedFiles: [], ci: true }))).toEqual([]);
  });

  test("on a developer's machine every skip is excused", () => {
    const skips = skipsOf({ recorded, skippedFiles: ["router.test.ts", "silent.test.ts"], ci: false });
    expect(skips.filter(({ excused }) => !excused)).toEqual([]);
  });

  test("in CI only the want of what CI cannot have is excused", () => {
    const skips = skipsOf({ recorded, skippedFiles: ["router.test.ts", "silent.test.ts"], ci: true });
    expect(skips.filter(({ excused }) => !excused).map(({ suite }) => suite)).toEqual([
      "router.test.ts",
      "silent.test.ts",
    ]);
  });

  test("tells a suite once, however many of its tests asked", () => {
    expect(skipsOf({ recorded: recorded + recorded, skippedFiles: [], ci: false })).toHaveLength(2);
  });

  test("finds the files with a skipped test in vitest's report", () => {
    const result = (name: string, ...statuses: readonly string[]) => ({
      name: `${process.cwd()}/${name}`,
      assertionResults: statuses.map((status) => ({ status })),
    });
    const testResults = [
      result("a.test.ts", "passed"),
      result("b.test.ts", "passed", "skipped"),
      result("c.test.ts", "todo"),
    ];
    expect(skippedFilesOf({ testResults })).toEqual(["b.test.ts", "c.test.ts"]);
  });
});
