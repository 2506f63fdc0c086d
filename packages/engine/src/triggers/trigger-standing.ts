import type { Trigger } from "@fairway/core";
import type { Store } from "../store/store.ts";
import type { Firing } from "../store/trigger-firings.ts";
import { listFirings } from "../store/trigger-firings.ts";
import { schedulesOf } from "./fire-schedules.ts";
import { nextSlot } from "./schedule.ts";

/** A trigger, when it comes due next and what it last came to. */
export interface TriggerStanding {
  readonly trigger: Trigger;
  readonly next: Date | null;
  readonly last: Firing | null;
}

/** How a trigger stands at a moment. */
export async function standingOf(store: Store, trigger: Trigger, now: Date): Promise<TriggerStanding> {
  const [last = null] = await listFirings(store, { trigger: trigger.name, limit: 1 });
  const due = schedulesOf(trigger).flatMap((schedule) => nextSlot(schedule, now) ?? []);
  const [next = null] = due.toSorted((one, other) => one.getTime() - other.getTime());
  return { trigger, next, last };
}
