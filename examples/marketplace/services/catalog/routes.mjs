import { dayPrice } from "../../shared/day-price.mjs";
import { readJsonBody } from "../../shared/json-body.mjs";
import { Problem } from "../../shared/problem.mjs";

import { isRepeatOf, readOrder } from "./orders.mjs";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What the catalog answers, over a store. */
export function catalogRoutes({ store, facts, now = Date.now }) {
  const priced = (listing) => ({ ...listing, dayPriceCents: dayPrice(listing, now()) });

  return [
    {
      method: "GET",
      path: "/listings",
      handle: async () => ({ body: { listings: (await store.listings()).map(priced) } }),
    },
    {
      method: "POST",
      path: "/orders",
      async handle({ request }) {
        const wanted = readOrder(await readJsonBody(request), request.headers["idempotency-key"]);
        const listing = await store.listing(wanted.listingId);
        if (!listing) throw new Problem(404, "no_such_listing", `There is no listing "${wanted.listingId}".`);
        const { order, repeated } = await store.place(
          { ...wanted, unitPriceCents: dayPrice(listing, now()) },
          facts.release,
        );
        if (repeated && !isRepeatOf(order, wanted)) {
          throw new Problem(409, "idempotency_key_taken", "This Idempotency-Key was used for another order.");
        }
        return { status: repeated ? 200 : 201, body: order };
      },
    },
    {
      method: "GET",
      path: "/orders/:id",
      async handle({ params }) {
        const order = uuid.test(params.id) ? await store.order(params.id) : null;
        if (!order) throw new Problem(404, "no_such_order", `There is no order "${params.id}".`);
        return { body: order };
      },
    },
  ];
}
