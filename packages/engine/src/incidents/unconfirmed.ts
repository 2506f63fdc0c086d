import type { Millis, Severity } from "@fairway/core";
import { settleAlerts } from "../store/alerts.ts";
import type { Store } from "../store/store.ts";

const minute: Millis = 60_000;

/** So long somebody has to say how severe an incident is that is proposed to be so; of the others nobody is hurried. */
const confirmWithin: Readonly<Partial<Record<Severity, Millis>>> = { 1: 5 * minute, 2: 15 * minute };

const prefix = "incident/";

interface Unconfirmed {
  readonly number: number;
  readonly title: string;
  readonly environment: string | null;
  readonly proposed: Severity;
  readonly age: Millis;
}

/**
 * Raises an alert of each open incident that is proposed to be severe and that no person has confirmed in its time: whoever was told
 * that it was opened does not answer, so whoever hears of alerts is next. It is over once somebody has, or has closed it. May be
 * repeated.
 */
export async function tellUnconfirmed(store: Store): Promise<void> {
  const open = await store.rows<Unconfirmed>(
    `select number::float8 as number, title, environment, proposed,
       extract(epoch from clock_timestamp() - opened_at)::float8 * 1000 as age
     from fairway.incidents where closed_at is null and confirmed is null and proposed <= 2 order by number`,
  );
  const late = open.filter(({ proposed, age }) => age >= (confirmWithin[proposed] ?? Infinity));
  const [raised] = await store.rows(
    "select number from fairway.alerts where resolved_at is null and starts_with(key, $1) limit 1",
    [prefix],
  );
  if (late.length === 0 && raised === undefined) return;
  await settleAlerts(
    store,
    prefix,
    late.map(({ number, title, environment, proposed }) => ({
      ...{ key: `${prefix}i${number}`, level: "error", environment },
      title: `nobody has said how severe i${number} is: ${title}`,
      note: `severity ${proposed} is proposed, and ${(confirmWithin[proposed] ?? 0) / minute} minutes are over; fairway incidents confirm i${number} ${proposed}`,
    })),
  );
}
