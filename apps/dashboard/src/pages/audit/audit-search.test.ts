import { expect, test } from "vitest";
import { auditCommand, auditSearchOf } from "./audit-search.ts";

test("a link holds what is looked for, and nothing else", () => {
  expect(auditSearchOf({ actor: " dana ", subject: 17, action: "", other: "x", since: null })).toEqual({
    actor: "dana",
    subject: "17",
  });
});

test("the command shows the same, whatever was typed", () => {
  expect(auditCommand({})).toBe("fairway audit list");
  expect(auditCommand({ actor: "o'hara; rm", environment: "production" })).toBe(
    String.raw`fairway audit list --actor 'o'\''hara; rm' --env production`,
  );
});
