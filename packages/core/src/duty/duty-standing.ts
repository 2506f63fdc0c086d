import type { Evidence } from "../evidence/evidence.ts";
import type { Timestamp } from "../units.ts";
import type { Cadence, Duty, DutyRole, DutyState, Waiver } from "./duty.ts";
import { peopleOf } from "./duty.ts";
import { dayAfter, dayOf, endOf, timesUntil } from "./period.ts";

/** Moments of a schedule in UTC: the last that is not after `at`, and the first that is. Null where there is none. */
export interface CronClock {
  before(cron: string, at: number): number | null;
  after(cron: string, at: number): number | null;
}

/** What is on record of a duty. */
export interface DutyRecord {
  /** What passed last; null when nothing ever did. */
  readonly passed: Evidence | null;
  /** What was looked at last, however that went; null when nobody ever did. */
  readonly newest: Evidence | null;
  readonly waivers: readonly Waiver[];
}

/** How a duty stands at a moment. */
export interface DutyStanding {
  readonly duty: Duty;
  readonly state: DutyState;
  /** A sentence for people. */
  readonly why: string;
  /** When it is to be shown next; null where that hangs on no calendar. */
  readonly dueAt: Timestamp | null;
  readonly newest: Evidence | null;
  /** What passes it over now; the state beside it stays what it is. */
  readonly waiver: Waiver | null;
  /** Whether nobody has the role that owes it any more; absent where somebody has. */
  readonly isOwnerless?: true;
}

interface Found {
  readonly state: DutyState;
  readonly why: string;
  readonly due: number | null;
}

/** How a duty stands: the one answer that calendar, matrix, board, reminders, gates and exports are made of. */
export function standingOf(
  duty: Duty,
  record: DutyRecord,
  roles: readonly DutyRole[],
  now: number,
  clock: CronClock,
): DutyStanding {
  const alone = noOwner(duty, roles, now);
  const found = alone ?? seen(duty) ?? failing(duty, record.newest) ?? byCalendar(duty, record.passed, now, clock);
  const waiver =
    record.waivers
      .filter(({ until }) => Date.parse(until) > now)
      .toSorted(byReach)
      .at(-1) ?? null;
  const dueAt = found.due === null ? null : new Date(found.due).toISOString();
  const standing = { duty, state: found.state, why: found.why, dueAt, newest: record.newest, waiver };
  return alone === null ? standing : { ...standing, isOwnerless: true };
}

/** What counts for every release comes after what counts for one. */
const byReach = (one: Waiver, other: Waiver): number =>
  Number(one.release === null) - Number(other.release === null) || one.until.localeCompare(other.until);

/** A duty that nobody is left for is done by nobody. */
function noOwner({ owner }: Duty, roles: readonly DutyRole[], now: number): Found | null {
  if (peopleOf(roles, owner, dayOf(now)).length > 0) return null;
  return { state: "failing", why: `nobody is ${owner} any more`, due: null };
}

const seen = (duty: Duty): Found | null => (duty.seen === undefined ? null : { ...duty.seen, due: null });

function failing({ run }: Duty, newest: Evidence | null): Found | null {
  if (newest?.outcome !== "failed" && newest?.outcome !== "partial") return null;
  const how = newest.outcome === "failed" ? "failed" : "only a part of it was done";
  const note = newest.note === "" ? "" : `: ${newest.note}`;
  // Of a key that stands where others read it somebody has said until when it is exchanged.
  const { rotation_due: said = null } = { ...newest.facts };
  const until = typeof said === "string" ? Date.parse(said) : NaN;
  const due = Number.isNaN(until) ? null : until;
  const left = run?.kind === "rotation" && run.scheduled ? "; it is not begun again by itself" : "";
  return { state: "failing", why: `${how} on ${newest.observedAt.slice(0, 10)}${note}${left}`, due };
}

function byCalendar(duty: Duty, given: Evidence | null, now: number, clock: CronClock): Found {
  // Evidence of files that are others now says nothing of these.
  const isStale = given !== null && duty.digest !== null && given.digest !== duty.digest;
  if (isStale) return { state: "overdue", why: "what it was shown of has changed since", due: now };
  if (given !== null && given.validUntil !== null && Date.parse(given.validUntil) <= now)
    return {
      state: "overdue",
      why: `what was shown counted until ${given.validUntil}`,
      due: Date.parse(given.validUntil),
    };
  return bySlot(duty, given, now, clock);
}

function bySlot(duty: Duty, passed: Evidence | null, now: number, clock: CronClock): Found {
  const { cadence, grace } = duty;
  const at = passed === null ? null : Date.parse(passed.observedAt);
  switch (cadence.kind) {
    case "standing":
      return { state: "ok", why: "nothing speaks against it", due: null };
    case "until":
      return untilEnd(duty, cadence, now);
    case "release":
      // From when others could know of it: when it was done is what whoever shows it says.
      return ofRelease(passed === null ? null : Date.parse(passed.recordedAt), cadence.wait, now);
    case "cron":
      return ofCron(duty, cadence, at, now, clock);
    case "rolling": {
      const days = [...(at === null ? [] : [dayOf(at)]), ...(cadence.done === undefined ? [] : [cadence.done])];
      const last = days.toSorted().at(-1);
      const due = endOf(last === undefined ? cadence.from : dayAfter(last, cadence.every));
      return judged(duty, due, due + grace, last !== undefined, now);
    }
    case "anchored": {
      const due = endOf(dayAfter(cadence.from, cadence.every, nextSlot(cadence, at, grace)));
      return judged(duty, due, due + grace, at !== null, now);
    }
  }
}

/** The number of the first slot that a pass at this moment does not cover: each covers the one whose time it falls in. */
function nextSlot({ from, every }: Extract<Cadence, { kind: "anchored" }>, at: number | null, grace: number): number {
  if (at === null) return 0;
  let slot = Math.max(0, timesUntil(from, every, dayOf(at - grace)));
  while (endOf(dayAfter(from, every, slot)) + grace < at) slot += 1;
  return slot + 1;
}

/** What ends by itself is due from the first day that its owner hears of it, and no word makes it last longer. */
function untilEnd({ warnings }: Duty, { end }: Extract<Cadence, { kind: "until" }>, now: number): Found {
  const [due, day] = [Date.parse(end), end.slice(0, 10)];
  if (now >= due) return { state: "overdue", why: `it ended on ${day}`, due };
  const days = (Date.parse(day) - Date.parse(dayOf(now))) / 86_400_000;
  return { state: days <= Math.max(0, ...warnings) ? "due" : "ok", why: `it ends on ${day}`, due };
}

function ofRelease(at: number | null, wait: number, now: number): Found {
  if (at === null) return { state: "unknown", why: "nobody has shown it for this release", due: null };
  if (wait === 0 || now - at >= wait) return { state: "ok", why: "shown for this release", due: null };
  return { state: "due", why: `counts from ${new Date(at + wait).toISOString()} on`, due: at + wait };
}

function ofCron(
  duty: Duty,
  { cron, from }: Extract<Cadence, { kind: "cron" }>,
  at: number | null,
  now: number,
  clock: CronClock,
): Found {
  const begin = Date.parse(`${from}T00:00:00.000Z`);
  // The first time that nothing was shown after.
  const open = clock.after(cron, Math.max(begin - 1, at ?? 0));
  if (open === null) return { state: "ok", why: "its time never comes again", due: null };
  if (now < open)
    return at === null
      ? {
          state: "unknown",
          why: `nobody has ever shown it; its first time is ${new Date(open).toISOString()}`,
          due: open,
        }
      : { state: "ok", why: `next at ${new Date(open).toISOString()}`, due: open };
  return judged(duty, open, open + duty.grace, at !== null, now);
}

function judged({ warnings }: Duty, due: number, ends: number, isKnown: boolean, now: number): Found {
  const day = dayOf(due);
  if (now > ends) return { state: "overdue", why: `was due on ${day}`, due };
  if (!isKnown) return { state: "unknown", why: `nobody has ever shown it; due on ${day}`, due };
  const lead = Math.max(0, ...warnings) * 86_400_000;
  return now > due - lead
    ? { state: "due", why: now > due ? `was due on ${day}, and is still in time` : `due on ${day}`, due }
    : { state: "ok", why: `due on ${day}`, due };
}
