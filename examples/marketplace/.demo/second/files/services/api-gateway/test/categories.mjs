import assert from "node:assert/strict";
import { test } from "node:test";

import { listingRoutes } from "../listings.mjs";

const listings = ["clay", "wood", "clay", "paper"].map((category, index) => ({ id: `thing-${index}`, category }));
const [route] = listingRoutes({ catalog: { call: async () => ({ status: 200, body: { listings } }) } });
const ask = (query) => route.handle({ query: new URLSearchParams(query) });

test("listings come with how many there are of each category", async () => {
  const { body } = await ask("");
  assert.equal(body.listings.length, 4);
  assert.deepEqual(body.categories, [
    { name: "clay", count: 2 },
    { name: "paper", count: 1 },
    { name: "wood", count: 1 },
  ]);
});

test("a category narrows the listings and leaves the counts", async () => {
  const { body } = await ask("category=clay");
  assert.deepEqual(
    body.listings.map(({ id }) => id),
    ["thing-0", "thing-2"],
  );
  assert.equal(body.categories.length, 3);
});

test("a category that is not there is 404, and a catalog that is ill is passed on", async () => {
  await assert.rejects(ask("category=gold"), { status: 404 });
  const [ill] = listingRoutes({ catalog: { call: async () => ({ status: 503, body: {} }) } });
  assert.equal((await ill.handle({ query: new URLSearchParams() })).status, 503);
});
