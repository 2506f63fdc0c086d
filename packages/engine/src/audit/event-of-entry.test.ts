import { auditActions } from "@fairway/core";
import type { AuditAction } from "@fairway/core";
import { expect, test } from "vitest";
import { eventOfEntry } from "./event-of-entry.ts";

test("what is told of a change of people, tokens and secrets names none of them", () => {
  const told = (Object.keys(auditActions) as AuditAction[]).map((action) =>
    eventOfEntry({ action, subject: "u17 hunter2", environment: null }),
  );
  const hidden = told.filter((event) => event !== null && event.kind !== "freeze.overridden");
  expect(hidden.length).toBeGreaterThan(8);
  expect(JSON.stringify(hidden)).not.toContain("hunter2");
});

test("what belongs to an environment tells which, an override which run, and what has its own event nothing", () => {
  const entry = { subject: "run-7", environment: "production" } as const;
  expect(eventOfEntry({ action: "secret.set", ...entry })).toEqual({
    kind: "secrets.changed",
    subject: "production",
    body: {},
  });
  expect(eventOfEntry({ action: "freeze.overridden", ...entry })).toMatchObject({ subject: "run-7" });
  expect(eventOfEntry({ action: "deployment.ended", ...entry })).toBeNull();
});
