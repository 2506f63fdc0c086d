import pg from "pg";

import { errorFields } from "../../shared/log.mjs";

/** Any number will do, as long as every replica of every release takes the same one. */
const migrationLock = 7_205_321;

/**
 * Each entry brings the schema one version further. Old and new releases run side by side while a release rolls out, so
 * an entry may only add; and an entry that is out is never changed.
 */
const migrations = [
  `create table listings (
     id text primary key,
     position integer not null,
     title text not null,
     maker text not null,
     place text not null,
     category text not null,
     description text not null,
     price_cents integer not null check (price_cents > 0),
     lead_days integer not null check (lead_days > 0)
   );
   create table orders (
     id uuid primary key default gen_random_uuid(),
     number bigint generated always as identity unique,
     idempotency_key text not null unique,
     listing_id text not null references listings (id),
     quantity integer not null check (quantity between 1 and 10),
     buyer text not null,
     unit_price_cents integer not null,
     release text not null,
     placed_at timestamptz not null default now()
   );`,
  `create index orders_by_listing on orders (listing_id, placed_at);`,
];

const listingColumns = `id, title, maker, place, category, description, price_cents as "priceCents", lead_days as "leadDays"`;
const orderColumns = `id, number::int, listing_id as "listingId", quantity, buyer, unit_price_cents as "unitPriceCents", release, placed_at as "placedAt"`;

/** Brings the schema up to date and fills in the listings. Replicas that start at once do it one after the other. */
async function prepare(client, listings) {
  await client.query("begin");
  try {
    await client.query("select pg_advisory_xact_lock($1)", [migrationLock]);
    await client.query("create table if not exists schema_version (version integer not null)");
    const { rows } = await client.query("select coalesce(max(version), 0) as version from schema_version");
    for (const [index, statements] of migrations.entries()) {
      if (index < rows[0].version) continue;
      await client.query(statements);
      await client.query("insert into schema_version (version) values ($1)", [index + 1]);
    }
    await client.query(
      `insert into listings (id, position, title, maker, place, category, description, price_cents, lead_days)
       select * from jsonb_to_recordset($1) as new
         (id text, position int, title text, maker text, place text, category text, description text, "priceCents" int, "leadDays" int)
       on conflict (id) do nothing`,
      [JSON.stringify(listings.map((listing, position) => ({ ...listing, position })))],
    );
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  }
}

/** Listings and orders in PostgreSQL. */
export function createPostgresStore(connectionString, listings, log) {
  const pool = new pg.Pool({
    connectionString,
    max: 5,
    connectionTimeoutMillis: 3000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 5000,
    application_name: "catalog",
  });
  // Idle connections die with the database; the pool replaces them, and the next query tells whether it is back.
  pool.on("error", (error) => log.warn("lost an idle database connection", errorFields(error)));

  const first = async (text, values) => (await pool.query(text, values)).rows[0] ?? null;

  return {
    kind: "postgresql",
    async prepare() {
      const client = await pool.connect();
      try {
        await prepare(client, listings);
      } finally {
        client.release();
      }
    },
    listings: async () => (await pool.query(`select ${listingColumns} from listings order by position, id`)).rows,
    listing: (id) => first(`select ${listingColumns} from listings where id = $1`, [id]),
    /** Safe to repeat: the key decides, even when two requests with it arrive at once. */
    async place({ idempotencyKey, listingId, quantity, buyer, unitPriceCents }, release) {
      const placed = await first(
        `insert into orders (idempotency_key, listing_id, quantity, buyer, unit_price_cents, release)
         values ($1, $2, $3, $4, $5, $6) on conflict (idempotency_key) do nothing returning ${orderColumns}`,
        [idempotencyKey, listingId, quantity, buyer, unitPriceCents, release],
      );
      if (placed) return { order: placed, repeated: false };
      return {
        order: await first(`select ${orderColumns} from orders where idempotency_key = $1`, [idempotencyKey]),
        repeated: true,
      };
    },
    order: (id) => first(`select ${orderColumns} from orders where id = $1`, [id]),
    close: () => pool.end(),
  };
}
