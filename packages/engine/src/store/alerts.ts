import type { Timestamp } from "@fairway/core";
import { triesOfAlert } from "@fairway/core";
import type { Sql, Store } from "./store.ts";
import { text } from "./store.ts";

/** Something that is wrong now, as whoever looks at it finds it. */
export interface Alert {
  /** What it is known by, for as long as it goes on. */
  readonly key: string;
  readonly level: "warning" | "error";
  readonly title: string;
  readonly note: string;
  readonly environment: string | null;
}

/** The same as it is on record. */
export interface AlertRecord extends Alert {
  readonly number: number;
  readonly raisedAt: Timestamp;
  /** Null while it goes on. */
  readonly resolvedAt: Timestamp | null;
  /** Why it has reached nobody although it was tried often enough; null where it has, or nobody wants to hear. */
  readonly undelivered: string | null;
}

/**
 * Puts down what is wrong now of all whose key begins so, each told once when it begins, once when it gets worse or better, and
 * once when it is over, however often and by however many it is found.
 */
export async function settleAlerts(store: Store, prefix: string, found: readonly Alert[]): Promise<void> {
  await store.transaction(async (tx) => {
    await tx.rows("select pg_advisory_xact_lock(hashtext('fairway.alerts'))");
    const open = await tx.rows<{
      number: number;
      key: string;
      level: string;
      title: string;
      environment: string | null;
    }>(
      `select number::float8 as number, key, level, title, environment from fairway.alerts
       where resolved_at is null and starts_with(key, $1)`,
      [prefix],
    );
    const known = new Map(open.map((one) => [one.key, one]));
    for (const { key, level, title, note, environment } of found) {
      const before = known.get(key);
      known.delete(key);
      if (before?.level === level) continue;
      const [row] =
        before === undefined
          ? await tx.rows<{ number: number }>(
              `insert into fairway.alerts (key, level, title, note, environment) values ($1, $2, $3, $4, $5)
               returning number::float8 as number`,
              [key, level, text(title), text(note), environment],
            )
          : await tx.rows<{ number: number }>(
              "update fairway.alerts set level = $2, title = $3, note = $4 where number = $1 returning number::float8 as number",
              [before.number, level, text(title), text(note)],
            );
      tx.emit({
        kind: "alert.changed",
        subject: key,
        body: { number: row?.number ?? 0, state: "raised", level, title, note, environment },
      });
    }
    for (const { number, key, title, environment } of known.values()) {
      await tx.rows("update fairway.alerts set resolved_at = clock_timestamp() where number = $1", [number]);
      tx.emit({
        kind: "alert.changed",
        subject: key,
        body: { number, state: "resolved", level: "info", title, note: "", environment },
      });
    }
  });
}

/** Alerts, those that go on first and the newest before the others. */
export async function listAlerts(sql: Sql, limit: number): Promise<readonly AlertRecord[]> {
  const rows = await sql.rows<
    Alert & { number: number; raised_at: Date; resolved_at: Date | null; undelivered: string | null }
  >(
    `select number::float8 as number, key, level, title, note, environment, raised_at, resolved_at,
       case when resolved_at is null then
         (select case when bool_or(n.state = 'told') then null
                 else max(n.channel || ': ' || n.why) filter (where n.state = 'dead' or n.tries >= $2) end
          from fairway.notices n
          where n.thread = 'alert ' || a.key and n.notice->>'kind' = 'alert.raised'
            and starts_with(n.about, 'alert ' || a.key || ' ' || a.number || ' ')) end as undelivered
     from fairway.alerts a order by resolved_at is not null, number desc limit $1`,
    [limit, triesOfAlert],
  );
  return rows.map(({ raised_at, resolved_at, ...alert }) => ({
    ...alert,
    raisedAt: raised_at.toISOString(),
    resolvedAt: resolved_at?.toISOString() ?? null,
  }));
}
