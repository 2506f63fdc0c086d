import { randomUUID } from "node:crypto";

import { readJsonBody } from "../../shared/json-body.mjs";

/** Buying: orders go to the catalog, which keeps them. */
export const orderRoutes = ({ catalog }) => [
  {
    method: "POST",
    path: "/api/orders",
    async handle({ request }) {
      const body = await readJsonBody(request);
      // A buyer's own key makes a repeated click one order; without one, at least our own repetition is harmless.
      const key = request.headers["idempotency-key"] ?? randomUUID();
      return catalog.call("POST", "/orders", { body, headers: { "idempotency-key": key } });
    },
  },
  {
    method: "GET",
    path: "/api/orders/:id",
    handle: ({ params }) => catalog.call("GET", `/orders/${encodeURIComponent(params.id)}`),
  },
];
