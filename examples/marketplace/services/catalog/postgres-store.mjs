import pg from "pg";

import { errorFields } from "../../shared/log.mjs";

const listingColumns = `id, title, maker, place, category, description, price_cents as "priceCents", lead_days as "leadDays"`;
const orderColumns = `id, number::int, listing_id as "listingId", quantity, buyer, unit_price_cents as "unitPriceCents", coalesce(total_cents, unit_price_cents::bigint * quantity)::float8 as "totalCents", release, placed_at as "placedAt"`;

/** Fills in the listings, whose tables the migrations have made. Replicas that start at once may all do it. */
const fillListings = `insert into listings (id, position, title, maker, place, category, description, price_cents, lead_days)
  select * from jsonb_to_recordset($1) as new
    (id text, position int, title text, maker text, place text, category text, description text, "priceCents" int, "leadDays" int)
  order by id
  on conflict (id) do nothing`;

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
    prepare: async () =>
      void (await pool.query(fillListings, [
        JSON.stringify(listings.map((listing, position) => ({ ...listing, position }))),
      ])),
    listings: async () => (await pool.query(`select ${listingColumns} from listings order by position, id`)).rows,
    listing: (id) => first(`select ${listingColumns} from listings where id = $1`, [id]),
    /** Safe to repeat: the key decides, even when two requests with it arrive at once. */
    async place({ idempotencyKey, listingId, quantity, buyer, unitPriceCents }, release) {
      const placed = await first(
        `insert into orders (idempotency_key, listing_id, quantity, buyer, unit_price_cents, total_cents, release)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (idempotency_key) do nothing returning ${orderColumns}`,
        [idempotencyKey, listingId, quantity, buyer, unitPriceCents, unitPriceCents * quantity, release],
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
