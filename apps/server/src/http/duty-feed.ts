import type { DutyTimesShape } from "@fairway/api";
import ical from "ical-generator";

/** When duties are due, as a calendar of RFC 5545: a whole day for each, under a name that stays the same. */
export function dutyFeed(times: readonly DutyTimesShape[], commit: string | null): string {
  const calendar = ical({ name: "Fairway duties", prodId: { company: "Fairway", product: "duties", language: "EN" } });
  for (const { duty, title, owner, environment, due, slot, outcome } of times) {
    const where = environment === null ? "" : ` (${environment})`;
    calendar.createEvent({
      id: `${encodeURIComponent(duty)}.${encodeURIComponent(slot)}@fairway`,
      // A calendar that knows it already takes what has a higher number: how it ended is the newer news.
      sequence: outcome === null ? 0 : 1,
      stamp: new Date(due),
      start: new Date(due.slice(0, 10)),
      allDay: true,
      summary: `${title}${where}`,
      description: `${duty}\nOwner: ${owner}\n${outcome === null ? "open" : outcome}${commit === null ? "" : `\nDuties of ${commit.slice(0, 12)}`}`,
    });
  }
  return calendar.toString();
}
