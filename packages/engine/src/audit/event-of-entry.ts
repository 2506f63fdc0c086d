import type { AuditAction, NewAuditEntry } from "@fairway/core";
import type { EventKind, NewEvent } from "../store/events.ts";

/**
 * What changes without an event of its own, by the area of its entry. Readers learn that it did, and only who may ask learns
 * what.
 */
const kinds: Readonly<Record<string, EventKind>> = {
  people: "people.changed",
  role: "people.changed",
  token: "tokens.changed",
  secret: "secrets.changed",
  keys: "secrets.changed",
  migration: "migrations.changed",
  "duties.read": "duties.changed",
  "duty.waived": "duties.changed",
  evidence: "duties.changed",
  router: "router.changed",
  "infrastructure.drift_ignored": "drift.changed",
  "infrastructure.drift_owned": "drift.changed",
  "freeze.overridden": "freeze.overridden",
};

/** The event that tells pages to look again after a change was put on record; null where the change tells of itself. */
export function eventOfEntry({
  action,
  subject,
  environment,
}: Pick<NewAuditEntry, "action" | "subject" | "environment">): NewEvent | null {
  const kind = kinds[action] ?? kinds[areaOf(action)];
  if (kind === undefined) return null;
  return { kind, subject: kind === "freeze.overridden" ? subject : (environment ?? areaOf(action)), body: {} };
}

const areaOf = (action: AuditAction): string => action.split(".", 1)[0] ?? "";
