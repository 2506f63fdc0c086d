import assert from "node:assert/strict";
import { test } from "node:test";

import { listingRoutes } from "../listings.mjs";
import { shippingFrom } from "../shipping.mjs";

test("shipping is priced by where a thing is made", () => {
  assert.deepEqual(shippingFrom("Porto"), { zone: "near", cents: 690, currency: "EUR" });
  assert.equal(shippingFrom("Otaru").zone, "overseas");
  assert.equal(shippingFrom("Atlantis"), null);
});

test("listings come with what it costs to send them", async () => {
  const listings = [{ id: "moon-jar", category: "clay", place: "Porto" }];
  const [route] = listingRoutes({ catalog: { call: async () => ({ status: 200, body: { listings } }) } });
  const { body } = await route.handle({ query: new URLSearchParams() });
  assert.equal(body.listings[0].shipping.cents, 690);
});
