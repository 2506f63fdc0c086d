import type { CronClock, Duty, SlotOutcome } from "@fairway/core";
import { slotsBetween } from "@fairway/core";
import type { Sql } from "../store/store.ts";
import type { DutyControl } from "./duty-control.ts";

/** A time at which a duty is due. */
export interface DutyTime {
  readonly duty: Duty;
  readonly slot: string;
  readonly due: number;
  /** How it ended; null while it is open. */
  readonly outcome: SlotOutcome | null;
}

/**
 * When duties are due in a span of time, in its order; of those that hang on no calendar, when they are due next. Before a duty
 * was first seen nobody owed it, and it was not due.
 */
export async function dutyTimesBetween(
  { store, duties, clock }: { readonly store: Sql; readonly duties: DutyControl; readonly clock: CronClock },
  from: number,
  until: number,
): Promise<readonly DutyTime[]> {
  const [standings, { since }] = [await duties.standings({}), await duties.inForce()];
  const settled = await store.rows<{ duty: string; slot: string; outcome: SlotOutcome }>(
    "select duty, slot, outcome from fairway.duty_slots where slot >= $1 and slot <= $2",
    [new Date(from - 32 * 86_400_000).toISOString().slice(0, 10), new Date(until).toISOString()],
  );
  const outcomes = new Map(settled.map(({ duty, slot, outcome }) => [`${duty} ${slot}`, outcome]));
  const times = standings.flatMap(({ duty, dueAt }): readonly DutyTime[] => {
    if (duty.cadence.kind === "rolling" || duty.cadence.kind === "until") {
      const due = dueAt === null ? null : Date.parse(dueAt);
      return due === null || due < from || due > until
        ? []
        : [{ duty, slot: (dueAt ?? "").slice(0, 10), due, outcome: null }];
    }
    const seen = since[duty.id];
    return slotsBetween(duty, from, until, clock).flatMap(({ name, due }) => {
      const outcome = outcomes.get(`${duty.id} ${name}`) ?? null;
      return outcome === null && seen !== undefined && due < Date.parse(seen)
        ? []
        : [{ duty, slot: name, due, outcome }];
    });
  });
  return times.toSorted((one, other) => one.due - other.due || (one.duty.id < other.duty.id ? -1 : 1));
}
