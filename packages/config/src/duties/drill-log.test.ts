import type { LoggedDrill } from "@fairway/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { drillLogFault, withDrillLog } from "./drill-log.ts";

const playbook = "---\nid: restore\n---\n\n# Restore\n\n1. Choose the newest.\n";
const drill: LoggedDrill = {
  ...{ number: 3, repository: "pgBackRest shop", beganAt: "2027-01-31T04:00:12.000Z", outcome: "failed" },
  ...{ note: "failed at boot: it is never well", rto: null, rpo: 61_000 },
};
const row = "| 3 | 2027-01-31 04:00 | pgBackRest shop | failed | – | 61.0 s | failed at boot: it is never well |";

test("drills stand at the end of a playbook that had none, and are written anew where they stand", () => {
  const first = withDrillLog(playbook, [drill]);
  expect(first).toContain(`${playbook}\n<!-- drills: written by`);
  expect(first).toContain(`${row}\n`);
  expect(drillLogFault(first)).toBe(null);
  expect(withDrillLog(first, [drill])).toBe(first);
  const more = `${first}\nWhat comes after stays.\n`;
  const second = withDrillLog(more, [{ ...drill, number: 4, outcome: "passed" }, drill]);
  expect(second.match(/<!-- drills: end -->/gu)).toHaveLength(1);
  expect(second).toMatch(/\| 4 \|.*\n.*\| 3 \|[^]*What comes after stays\.\n$/u);
  expect(drillLogFault(second)).toBe(null);
});

test("what was changed by hand between the marks is told with its line, and so is a mark without its end", () => {
  const written = withDrillLog(playbook, [drill]);
  expect(drillLogFault(written.replace("failed |", "passed |"))).toEqual({
    line: 9,
    message: "the log of drills was changed by hand: it says other than what is on record",
  });
  expect(drillLogFault(written.replace(`${row}\n`, ""))?.line).toBe(9);
  expect(drillLogFault(written.replace("<!-- drills: end -->", ""))?.message).toContain("has no end");
  expect(drillLogFault(playbook)).toBe(null);
  // As git has it on other machines.
  expect(drillLogFault(written.replaceAll("\n", "\r\n"))).toBe(null);
});

test("whatever was found is text in its cell, and ends neither the table nor the log", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("<!-- drills: end -->", "|", "\n", "<img>", "\\", "a") }), (note) => {
      const written = withDrillLog(playbook, [{ ...drill, note }, drill]);
      expect(drillLogFault(written)).toBe(null);
      expect(written.split("\n").filter((line) => line.startsWith("| 3 |"))).toHaveLength(2);
      expect(withDrillLog(written, [])).not.toContain("| 3 |");
    }),
    { numRuns: 100 },
  );
});
