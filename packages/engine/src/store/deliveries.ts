import type { ForgeEvent, Timestamp } from "@fairway/core";
import { digestOfText, documentOf } from "./documents.ts";
import type { Sql, Store } from "./store.ts";
import { text } from "./store.ts";

/** Something that a forge has sent. */
export interface NewDelivery {
  readonly forge: string;
  /** The forge's own number of it. */
  readonly delivery: string;
  /** sha256 of the body: what was signed. */
  readonly bodyHash: string;
  /** Null for one that only asks whether we listen. */
  readonly event: ForgeEvent | null;
}

/** Whether it is news. `conflict`: the same number was given to something else before. */
export type DeliveryKept = "new" | "known" | "conflict";

/**
 * Keeps what a forge has sent, once: by its number, which is not signed, and by its body, which is. It is safe in the
 * database when this answers.
 */
export async function keepDelivery(store: Store, delivery: NewDelivery): Promise<DeliveryKept> {
  const { forge, event, bodyHash } = delivery;
  const name = text(event?.name ?? "ping");
  const document = event === null ? null : JSON.stringify(event);
  const [kept] = await store.rows(
    // In one statement: whoever sent it waits.
    `with said as (insert into fairway.documents (digest, body) select $5, $7 where $7::text is not null on conflict do nothing)
     insert into fairway.deliveries (forge, delivery, body_hash, event, document, state) values ($1, $2, $3, $4, $5, $6)
     on conflict do nothing returning number`,
    [
      forge,
      text(delivery.delivery),
      bodyHash,
      name,
      document === null ? null : digestOfText(document),
      event === null ? "done" : "new",
      document,
    ],
  );
  if (kept !== undefined) return "new";
  const [before] = await store.rows<{ hash: string }>(
    "select body_hash as hash from fairway.deliveries where forge = $1 and delivery = $2",
    [forge, text(delivery.delivery)],
  );
  return before === undefined || before.hash === bodyHash ? "known" : "conflict";
}

/** A delivery whose turn it is. */
export interface OpenDelivery {
  readonly number: number;
  readonly forge: string;
  readonly tries: number;
  readonly receivedAt: Timestamp;
  readonly document: string;
}

/** Deliveries that nobody has taken yet, in the order in which they came. */
export async function openDeliveries(sql: Sql, limit = 20): Promise<readonly OpenDelivery[]> {
  const found = await sql.rows<Omit<OpenDelivery, "receivedAt"> & { received_at: Date }>(
    `select number::float8 as number, forge, tries, document, received_at from fairway.deliveries
     where state = 'new' and look_at <= now() order by number limit $1`,
    [limit],
  );
  return found.map(({ received_at, ...delivery }) => ({ ...delivery, receivedAt: received_at.toISOString() }));
}

/** What a delivery says has happened. */
export async function eventOf(sql: Sql, document: string): Promise<ForgeEvent> {
  return JSON.parse(await documentOf(sql, document)) as ForgeEvent;
}

/** Notes that a delivery was taken, and what came of it. */
export async function deliveryTaken(sql: Sql, number: number, why: string): Promise<void> {
  await sql.rows("update fairway.deliveries set state = 'done', why = $2 where number = $1", [number, text(why)]);
}

/** Notes that a delivery could not be taken yet; it is tried again later, and later each time. */
export async function deliveryLater(sql: Sql, number: number, why: string): Promise<void> {
  await sql.rows(
    `update fairway.deliveries set why = $2, tries = tries + 1,
       look_at = now() + least(300, power(2, least(tries, 10))) * interval '1 second' where number = $1`,
    [number, text(why)],
  );
}

/**
 * Forgets deliveries of more than 30 days ago, which no forge sends again, with what they said where no trigger refers to it.
 */
export async function forgetDeliveries(sql: Sql): Promise<void> {
  await sql.rows(
    `with old as (delete from fairway.deliveries where received_at < now() - interval '30 days' returning document)
     delete from fairway.documents d using old where d.digest = old.document
       and not exists (select 1 from fairway.trigger_firings f where f.document = d.digest)
       and not exists (select 1 from fairway.deliveries o where o.document = d.digest and o.received_at >= now() - interval '30 days')`,
  );
}
