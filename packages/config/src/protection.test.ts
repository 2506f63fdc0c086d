import type { Environment, FreezeWindow } from "@fairway/core";
import { environmentOf } from "@fairway/core";
import fc from "fast-check";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { freezeAt, freezeTimes, loadCalendar } from "./freeze-times.ts";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const load = (production: string): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      {
        "fairway.yaml": `name: a\nservices:\n  web: { run: node web.mjs }\nenvironments:\n  staging: {}\n  production:\n${production}\n`,
      },
      onTestFinished,
    ),
  );
const problemsOf = async (written: string): Promise<string> => {
  const loaded = await load(written);
  return loaded.ok ? "" : loaded.problems.map(formatProblem).join("\n");
};
const production = async (written: string): Promise<Environment> => {
  const loaded = await load(written);
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  const found = environmentOf(loaded.project, "production");
  if (found === undefined) throw new TypeError("it has no production");
  return found;
};

describe("approvals", () => {
  test("a number asks whoever may approve, and says nothing more", async () => {
    const { approvals, approvalTerms } = await production("    approvals: 2");
    expect({ approvals, approvalTerms }).toEqual({ approvals: 2, approvalTerms: undefined });
  });

  test("whose yes counts, and for how long", async () => {
    const { approvals, approvalTerms } = await production(
      "    approvals: { needed: 2, from: { roles: [approver], people: [dana] }, expires: 8h }",
    );
    expect({ approvals, approvalTerms }).toEqual({
      approvals: 2,
      approvalTerms: { from: [{ role: "approver" }, { person: "dana" }], expires: 8 * 3_600_000 },
    });
  });

  test("a role that there is not is found with its place", async () => {
    expect(await problemsOf("    approvals: { needed: 1, from: { roles: [aprover] } }")).toMatch(
      /fairway\.yaml:7:\d+ .*there is no role "aprover"[\s\S]*did you mean "approver"/,
    );
  });
});

describe("freezes", () => {
  test("times are those of the zone's clocks", async () => {
    const { freezes } = await production(
      '    freezes: [{ because: year, from: "2026-12-22", to: "2027-01-04T06:00", timezone: America/New_York }]',
    );
    expect(freezes).toEqual([{ because: "year", from: "2026-12-22T05:00:00.000Z", to: "2027-01-04T11:00:00.000Z" }]);
  });

  test.each([
    ["{ because: x, from: 2026-13-01, to: 2027-01-01 }", '"2026-13-01" is no time'],
    ["{ because: x, from: 2026-12-01T10:00Z, to: 2027-01-01 }", "brings a zone of its own"],
    ["{ because: x, from: 2026-12-02, to: 2026-12-01 }", "over before it begins"],
    ["{ because: x, from: 2026-12-01, to: 2026-12-02, timezone: Mars/Base }", 'no time zone "Mars/Base"'],
    ["{ because: x, repeats: FREQ=NEVER, starts: 2026-01-02T15:00, lasts: 1h }", "no recurrence rule"],
    ["{ because: x, repeats: FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31, starts: 2026-01-02, lasts: 1h }", "ever happens"],
    ["{ because: x, repeats: FREQ=DAILY;UNTIL=20200101T000000Z, starts: 2026-01-02, lasts: 1h }", "never happens"],
    ["{ because: x, repeats: FREQ=DAILY, starts: 2026-02-30, lasts: 1h }", '"2026-02-30" is no time'],
    ["{ because: x }", "because, from, to"],
  ])("%s is refused with its place", async (freeze, said) => {
    const problems = await problemsOf(`    freezes: [${freeze}]`);
    expect(problems).toContain("fairway.yaml:7:");
    expect(problems).toContain(said);
  });
});

describe("what holds an environment still", () => {
  beforeAll(() => loadCalendar());
  const weekend: FreezeWindow = {
    because: "no Fridays",
    repeats: "FREQ=WEEKLY;BYDAY=FR",
    starts: "2026-01-02T15:00",
    lasts: 63 * 3_600_000,
    timeZone: "Europe/Berlin",
  };
  const at = (time: string): number => Date.parse(time);

  test("a weekly freeze begins and ends by the clocks there, in summer and in winter", () => {
    expect(freezeAt([weekend], at("2026-07-03T12:59:59Z"))).toBeNull();
    expect(freezeAt([weekend], at("2026-07-03T13:00:00Z"))?.until).toBe("2026-07-06T04:00:00.000Z");
    expect(freezeAt([weekend], at("2026-11-20T13:59:59Z"))).toBeNull();
    expect(freezeAt([weekend], at("2026-11-20T14:00:00Z"))?.until).toBe("2026-11-23T05:00:00.000Z");
    expect(freezeAt([weekend], at("2026-11-23T05:00:00Z"))).toBeNull();
  });

  test("a freeze is told with the time that it is open, or opens next; one that is over for good is not", () => {
    const next = { from: "2026-07-10T13:00:00.000Z", to: "2026-07-13T04:00:00.000Z" };
    expect(freezeTimes(weekend, at("2026-07-06T04:00:00Z"))).toEqual(next);
    expect(freezeTimes(weekend, at("2026-07-10T13:00:00Z"))).toEqual(next);
    expect(freezeTimes(weekend, at("2026-07-13T03:59:59Z"))).toEqual(next);
    const once = { because: "accounts", from: "2026-12-22T00:00:00.000Z", to: "2027-01-04T00:00:00.000Z" };
    expect(freezeTimes(once, at("2026-07-13T00:00:00Z"))).toEqual({ from: once.from, to: once.to });
    expect(freezeTimes(once, at(once.to))).toBeNull();
    const ended = { ...weekend, repeats: "FREQ=WEEKLY;BYDAY=FR;COUNT=2" };
    expect(freezeTimes(ended, at("2026-07-13T00:00:00Z"))).toBeNull();
  });

  test("where one freeze runs into the next, the end of the last is told", () => {
    const after: FreezeWindow = {
      because: "accounts",
      from: "2026-11-23T00:00:00.000Z",
      to: "2026-11-25T00:00:00.000Z",
    };
    expect(freezeAt([weekend, after], at("2026-11-20T14:00:00Z"))).toEqual({
      because: "no Fridays",
      until: "2026-11-25T00:00:00.000Z",
    });
  });

  test("at the end that is told nothing holds, and one moment before something does", () => {
    fc.assert(
      fc.property(fc.integer({ min: at("2026-01-02T00:00:00Z"), max: at("2028-01-01T00:00:00Z") }), (moment) => {
        const found = freezeAt([weekend], moment);
        if (found === null) return true;
        return freezeAt([weekend], at(found.until)) === null && freezeAt([weekend], at(found.until) - 1) !== null;
      }),
      { numRuns: 30 },
    );
  });
});
