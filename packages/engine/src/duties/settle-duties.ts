import type { CronClock, Duty } from "@fairway/core";
import { dayOf, endOf, reminderOn, settledSlots, slotsBetween } from "@fairway/core";
import { passedSince, recordEvidence } from "../store/duty-records.ts";
import type { Store, Transaction } from "../store/store.ts";
import type { DutyControl } from "./duty-control.ts";

/** What times of calendars are settled with. */
export interface SettleParts {
  readonly store: Store;
  readonly duties: Pick<DutyControl, "inForce" | "standings">;
  readonly clock: CronClock;
  readonly now: () => number;
  readonly tell: (message: string) => void;
}

/** So many times are settled together. */
const together = 2_000;

/**
 * Writes down once for each time of a calendar that is over how it ended: shown in time, late, or missed, which is evidence
 * too. However long nobody looked and however many look at once, each has one row. Gives the number of rows that were written.
 */
export async function settleDuties({ store, duties, clock, now, tell }: SettleParts): Promise<number> {
  const { plan, since, commit } = await duties.inForce();
  const owed = plan.duties.filter(({ cadence: { kind } }) => kind === "anchored" || kind === "cron");
  if (owed.length === 0) return 0;
  const at = now();
  const newest = await newestSlots(store);
  const begins = (duty: Duty): number => Date.parse(since[duty.id] ?? dayOf(at));
  const passed = await passedSince(
    store,
    owed.map(({ id }) => id),
    new Date(Math.min(...owed.map(begins)) - 400 * day),
  );
  let written = 0;
  for (const duty of owed) {
    const last = newest.get(duty.id);
    if (last !== undefined && endOfSlot(last) >= at)
      tell(`the clock is behind: ${duty.id} is settled up to ${last} already`);
    const from = Math.max(begins(duty), last === undefined ? 0 : Date.parse(last.slice(0, 10)));
    const times = (passed.get(duty.id) ?? []).map((observedAt) => ({ observedAt }));
    const settled = settledSlots(slotsBetween(duty, from, at, clock), times, at);
    const open = settled.filter(({ slot }) => last === undefined || slot.name > last);
    for (let done = 0; done < open.length; done += together) {
      const part = open.slice(done, done + together);
      written += await store.transaction((tx) => writeSlots(tx, duty, part, commit));
    }
  }
  return written;
}

const day = 86_400_000;

/** No time is settled before this has gone by: where it lies ahead the clock went back. */
const endOfSlot = (name: string): number => (name.length === 10 ? endOf(name) : Date.parse(name));

async function newestSlots(store: Store): Promise<ReadonlyMap<string, string>> {
  const rows = await store.rows<{ duty: string; slot: string }>(
    "select duty, max(slot) as slot from fairway.duty_slots group by duty",
  );
  return new Map(rows.map(({ duty, slot }) => [duty, slot]));
}

async function writeSlots(
  tx: Transaction,
  duty: Duty,
  settled: ReturnType<typeof settledSlots>,
  commit: string | null,
): Promise<number> {
  const fresh = await tx.rows<{ slot: string; outcome: string }>(
    `insert into fairway.duty_slots (duty, slot, outcome)
     select $1, slot, outcome from unnest($2::text[], $3::text[]) as given(slot, outcome)
     on conflict do nothing returning slot, outcome`,
    [duty.id, settled.map(({ slot }) => slot.name), settled.map(({ outcome }) => outcome)],
  );
  for (const { slot, outcome } of fresh)
    if (outcome === "missed")
      recordEvidence(tx, {
        ...{ duty: duty.id, environment: duty.environment, release: null, outcome, slot, commit },
        observedAt: slot.length === 10 ? `${slot}T23:59:59.999Z` : slot,
        automation: "calendar",
        note: "",
        ...{ facts: {}, artifacts: [], digest: duty.digest, validUntil: null, corrects: null },
      });
  return fresh.length;
}

/** Tells each duty's owner once a day what is to be told of it, also across restarts. Gives how many were told. */
export async function remindOfDuties({ store, duties, now }: Omit<SettleParts, "clock" | "tell">): Promise<number> {
  const at = now();
  const due = (await duties.standings({})).flatMap((standing) => {
    const reminder = standing.duty.cadence.kind === "release" ? null : reminderOn(standing, at);
    return reminder === null ? [] : [{ standing, reminder }];
  });
  if (due.length === 0) return 0;
  return store.transaction(async (tx) => {
    const fresh = await tx.rows<{ duty: string }>(
      `insert into fairway.duty_reminders (duty, day) select duty, $2::date from unnest($1::text[]) as given(duty)
       on conflict do nothing returning duty`,
      [due.map(({ reminder }) => reminder.duty), dayOf(at)],
    );
    const told = new Set(fresh.map(({ duty }) => duty));
    for (const { standing, reminder } of due)
      if (told.has(reminder.duty))
        tx.emit({
          kind: "duty.reminded",
          subject: reminder.duty,
          body: {
            day: dayOf(at),
            ...{ urgency: reminder.urgency, days: reminder.days, why: standing.why, dueAt: standing.dueAt },
            ...{ title: standing.duty.title, owner: standing.duty.owner, environment: standing.duty.environment },
            escalation: [...standing.duty.escalation],
            ...(standing.duty.mend === undefined ? {} : { mend: standing.duty.mend }),
          },
        });
    return fresh.length;
  });
}
