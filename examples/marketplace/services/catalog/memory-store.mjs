import { randomUUID } from "node:crypto";

/** Listings and orders in this process: for trying the service without a database. They are gone when it ends. */
export function createMemoryStore(listings) {
  const orders = new Map();
  const byKey = new Map();
  return {
    kind: "memory",
    prepare: async () => {},
    listings: async () => listings,
    listing: async (id) => listings.find((listing) => listing.id === id) ?? null,
    async place({ idempotencyKey, ...wanted }, release) {
      const known = byKey.get(idempotencyKey);
      if (known) return { order: known, repeated: true };
      const order = {
        id: randomUUID(),
        number: orders.size + 1,
        ...wanted,
        totalCents: wanted.unitPriceCents * wanted.quantity,
        release,
        placedAt: new Date().toISOString(),
      };
      orders.set(order.id, order);
      byKey.set(idempotencyKey, order);
      return { order, repeated: false };
    },
    order: async (id) => orders.get(id) ?? null,
    close: async () => {},
  };
}
