import { dayOf } from "@fairway/core";
import type { Sql, Store } from "../store/store.ts";

/** An API token of Fairway's own that ends soon or has ended lately, and that nobody has revoked. */
export interface EndingToken {
  /** `t` and a number. */
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly expiresAt: string;
  readonly state: "due" | "overdue";
  /** How many days of the calendar are left; negative once it has ended. */
  readonly days: number;
}

/** On these days before its end whoever made it hears of it, as of every credential. */
const warnings: ReadonlySet<number> = new Set([14, 7, 1, 0]);
const day = 86_400_000;

/**
 * Those that end within two weeks, or ended in the last two: by then whoever missed it has noticed. One that was made for no
 * longer than that was meant to end.
 */
export async function endingTokens(sql: Sql, now: number): Promise<readonly EndingToken[]> {
  const rows = await sql.rows<{ number: string; name: string; owner_name: string; expires_at: Date }>(
    `select number, name, owner_name, expires_at from fairway.api_tokens
     where revoked_at is null and expires_at - created_at > interval '14 days'
       and expires_at > $1::timestamptz - interval '15 days' and expires_at < $1::timestamptz + interval '15 days'
     order by expires_at, number limit 1000`,
    [new Date(now)],
  );
  const today = Date.parse(dayOf(now));
  return rows
    .map(({ number, name, owner_name: owner, expires_at: ends }): EndingToken => ({
      ...{ id: `t${number}`, name, owner, expiresAt: ends.toISOString() },
      state: ends.getTime() > now ? "due" : "overdue",
      days: Math.round((Date.parse(dayOf(ends.getTime())) - today) / day),
    }))
    .filter(({ days }) => Math.abs(days) <= 14);
}

/** Tells of each ending token once on each of its days, also across restarts, and daily once it has ended. Gives how many. */
export async function remindOfTokens({
  store,
  now,
}: {
  readonly store: Store;
  readonly now: () => number;
}): Promise<number> {
  const at = now();
  const due = (await endingTokens(store, at)).filter(({ state, days }) => state === "overdue" || warnings.has(days));
  if (due.length === 0) return 0;
  return store.transaction(async (tx) => {
    const fresh = await tx.rows<{ duty: string }>(
      `insert into fairway.duty_reminders (duty, day) select duty, $2::date from unnest($1::text[]) as given(duty)
       on conflict do nothing returning duty`,
      [due.map(({ id }) => nameOf(id)), dayOf(at)],
    );
    const told = new Set(fresh.map(({ duty }) => duty));
    for (const { id, name, owner, expiresAt, state, days } of due)
      if (told.has(nameOf(id)))
        tx.emit({
          kind: "duty.reminded",
          subject: nameOf(id),
          body: {
            ...{ day: dayOf(at), urgency: state === "due" ? "soon" : "overdue", days, dueAt: expiresAt },
            why: state === "due" ? `it ends on ${expiresAt.slice(0, 10)}` : `it ended on ${expiresAt.slice(0, 10)}`,
            ...{ title: `API token ${name}`, owner, environment: null, escalation: [] },
            mend: `fairway tokens create, give it to whoever uses the old one, and fairway tokens revoke ${id}`,
          },
        });
    return fresh.length;
  });
}

const nameOf = (id: string): string => `token/${id}`;
