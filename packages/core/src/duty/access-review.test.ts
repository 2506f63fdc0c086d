import { expect, test } from "vitest";
import type { AccessChoice } from "./access-review.ts";
import { decisionObstacle, principalsOfCsv, reviewOutcome } from "./access-review.ts";

const said = (principal: string, choice: AccessChoice | null, concerns: readonly string[] = []) => ({
  ...({ principal, kind: "user", access: [], lastUsed: null, concerns } as const),
  decision: choice === null ? null : { principal, choice, because: "", by: "ada", at: "2027-01-01T00:00:00.000Z" },
});

test("a review comes out only when everybody is decided, and badly where somebody is kept without a second factor", () => {
  expect(reviewOutcome({ principals: [said("a", "keep"), said("b", null)], open: 1 })).toBeNull();
  expect(reviewOutcome({ principals: [said("a", "keep"), said("b", "revoke")], open: 0 })).toMatchObject({
    outcome: "passed",
    note: "1 kept, 0 to change, 1 to revoke",
  });
  expect(reviewOutcome({ principals: [said("a", "keep", ["no MFA"])], open: 0 })?.outcome).toBe("failed");
  expect(reviewOutcome({ principals: [said("a", "change", ["no MFA"])], open: 0 })?.outcome).toBe("passed");
  const again = [said("a", "revoke", ["was to be revoked on 2026-10-01"])];
  expect(reviewOutcome({ principals: again, open: 0 })).toMatchObject({ outcome: "failed" });
});

test("nobody decides about themselves", () => {
  expect(decisionObstacle("Robin", ["p7", "robin"])).toContain("themselves");
  expect(decisionObstacle("robin", ["ada"])).toBeNull();
});

test("AWS's credential report and a list by hand are read, with quotes, and what is wrong is told by its line", () => {
  const report =
    "user,arn,password_enabled,password_last_used,mfa_active\n<root_account>,arn:r,not_supported,2026-01-02T00:00:00Z,false\nada,arn:a,true,no_information,true\nbob,arn:b,true,N/A,false\n";
  expect(principalsOfCsv(report)).toMatchObject({
    principals: [
      { principal: "root", kind: "root", concerns: ["no MFA"], lastUsed: "2026-01-02T00:00:00.000Z" },
      { principal: "ada", kind: "user", concerns: [], lastUsed: null },
      { principal: "bob", concerns: ["no MFA"] },
    ],
  });
  expect(principalsOfCsv('principal,kind,access\r\n"deploy, the ""robot""",role,"Admin; Read"\r\n')).toMatchObject({
    principals: [{ principal: 'deploy, the "robot"', kind: "role", access: ["Admin", "Read"] }],
  });
  expect(principalsOfCsv("name\nada\n")).toMatchObject({ problems: [{ line: 1 }] });
  expect(principalsOfCsv("user,kind\nada,user\nada,user\nbob,ghost\n,user\n")).toMatchObject({
    problems: expect.arrayContaining([
      expect.objectContaining({ line: 3, message: "ada is there twice" }),
      expect.objectContaining({ line: 4 }),
      expect.objectContaining({ line: 5 }),
    ]),
  });
});

test("a table that a program has written over is read as it was meant, and loses nobody", () => {
  // Programs for tables write FALSE, and lines within a cell.
  expect(
    principalsOfCsv('user,password_enabled,mfa_active,note\nada,TRUE,FALSE,"two\nlines"\nbob,TRUE,TRUE,x\n'),
  ).toMatchObject({
    principals: [
      { principal: "ada", concerns: ["no MFA"] },
      { principal: "bob", concerns: [] },
    ],
  });
  const wrong = (text: string): unknown => principalsOfCsv(text);
  expect(wrong('user,note\nada,"two\nlines"\nada,x\n')).toEqual({
    problems: [{ line: 4, message: "ada is there twice" }],
  });
  expect(wrong('user,note\nada,"open\nbob,x\neve,y\n')).toEqual({
    problems: [{ line: 2, message: "its quotation marks are not closed, and all after them is one cell" }],
  });
  expect(wrong("user,access,access\nada,Read,Admin\n")).toEqual({
    problems: [{ line: 1, message: "two columns are called access" }],
  });
  expect(wrong("user,last_used\nada,31/12/2026\nbob,never\neve,2026-12-31\n")).toEqual({
    problems: [{ line: 2, message: "31/12/2026 is no moment such as 2026-01-31T12:00:00Z (last_used)" }],
  });
  expect(wrong("user;kind\nada;user\n")).toMatchObject({ problems: [{ line: 1 }] });
});
