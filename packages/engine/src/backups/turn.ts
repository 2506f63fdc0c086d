import type { DutyStanding, Millis } from "@fairway/core";

/**
 * Whether a duty's time has come for whoever does it by itself: it was never shown, or is due now. What has failed is tried
 * again after `pause`, and not again and again.
 */
export function isTurn({ state, dueAt, newest }: DutyStanding, now: number, pause: Millis): boolean {
  switch (state) {
    case "unknown":
    case "overdue":
      return (
        newest === null ||
        newest.outcome === "missed" ||
        now - Date.parse(newest.observedAt) >= pause ||
        state === "overdue"
      );
    case "due":
      return dueAt !== null && Date.parse(dueAt) <= now;
    case "failing":
      return newest !== null && now - Date.parse(newest.observedAt) >= pause;
    case "ok":
      return false;
  }
}
