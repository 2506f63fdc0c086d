import type { Evidence } from "../evidence/evidence.ts";
import type { Cadence, Duty } from "./duty.ts";
import type { CronClock } from "./duty-standing.ts";
import { dayAfter, dayOf, endOf, timesUntil } from "./period.ts";

/** One time that a duty is owed. */
export interface DutySlot {
  /** What it is known by: a day, or a moment of a schedule. */
  readonly name: string;
  /** Evidence from here on is of this slot … */
  readonly opens: number;
  /** … in time until here … */
  readonly due: number;
  /** … and of the next from here on: then it is settled for good. */
  readonly closes: number;
}

/** How a slot ended: shown in time, shown late, or not at all. */
export type SlotOutcome = "met" | "late" | "missed";

/** More slots than that are looked at in the next look. */
const mostSlots = 20_000;

/** The slots of a calendar that are due in a span of time, the oldest first; none of a duty that hangs on no calendar. */
export function slotsBetween(
  { cadence, grace }: Duty,
  from: number,
  until: number,
  clock: CronClock,
): readonly DutySlot[] {
  if (cadence.kind === "anchored") return anchoredSlots(cadence, grace, from, until);
  return cadence.kind === "cron" ? cronSlots(cadence, grace, from, until, clock) : [];
}

function anchoredSlots(
  { from: anchor, every }: Extract<Cadence, { kind: "anchored" }>,
  grace: number,
  from: number,
  until: number,
): readonly DutySlot[] {
  const slots: DutySlot[] = [];
  const closed = (number: number): number =>
    number < 0 ? Number.NEGATIVE_INFINITY : endOf(dayAfter(anchor, every, number)) + grace;
  for (let number = Math.max(0, timesUntil(anchor, every, dayOf(from))); slots.length < mostSlots; number += 1) {
    const name = dayAfter(anchor, every, number);
    const due = endOf(name);
    if (due > until) break;
    if (due >= from) slots.push({ name, opens: closed(number - 1) + 1, due, closes: due + grace });
  }
  return slots;
}

function cronSlots(
  { cron, from: first }: Extract<Cadence, { kind: "cron" }>,
  grace: number,
  from: number,
  until: number,
  clock: CronClock,
): readonly DutySlot[] {
  const slots: DutySlot[] = [];
  let at = clock.after(cron, Math.max(Date.parse(`${first}T00:00:00.000Z`), from) - 1);
  while (at !== null && at <= until && slots.length < mostSlots) {
    const next = clock.after(cron, at);
    const closes = next ?? Number.POSITIVE_INFINITY;
    slots.push({
      name: new Date(at).toISOString(),
      opens: at,
      due: Math.min(at + grace, closes - 1),
      closes: closes - 1,
    });
    at = next;
  }
  return slots;
}

/**
 * How the slots ended whose time is over by `now`, each exactly once. What passed counts by when it was so and not by when it
 * was put on record: what was done while nobody looked was done. `passed` in any order.
 */
export function settledSlots(
  slots: readonly DutySlot[],
  passed: readonly Pick<Evidence, "observedAt">[],
  now: number,
): readonly { readonly slot: DutySlot; readonly outcome: SlotOutcome }[] {
  const times = passed.map(({ observedAt }) => Date.parse(observedAt)).toSorted((one, other) => one - other);
  let next = 0;
  return slots.flatMap((slot) => {
    if (slot.closes >= now) return [];
    while ((times[next] ?? Number.POSITIVE_INFINITY) < slot.opens) next += 1;
    const at = times[next];
    const outcome = at === undefined || at > slot.closes ? "missed" : at <= slot.due ? "met" : "late";
    return [{ slot, outcome }] as const;
  });
}
