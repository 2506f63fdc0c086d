import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { readFacts } from "../../../shared/facts.mjs";
import { createHttpService } from "../../../shared/http-service.mjs";
import { createLog } from "../../../shared/log.mjs";
import { listen } from "../../../shared/run.mjs";
import { answerWhenDatabaseIsAway, prepareUntilReady } from "../database-away.mjs";
import { createMemoryStore } from "../memory-store.mjs";
import { catalogRoutes } from "../routes.mjs";

const facts = readFacts({ FAIRWAY_RELEASE: "r4" });
const log = createLog(facts, { write: () => {} });
const listings = JSON.parse(await readFile(new URL("../listings.json", import.meta.url), "utf8"));
const databaseUrl = process.env.CATALOG_TEST_DATABASE_URL;

test(
  "replicas that start together prepare one database once",
  { skip: !databaseUrl && "CATALOG_TEST_DATABASE_URL names no database" },
  async () => {
    const [{ createPostgresStore }, { migrate }] = await Promise.all([
      import("../postgres-store.mjs"),
      import("../migrate.mjs"),
    ]);
    await Promise.all([migrate(databaseUrl), migrate(databaseUrl)]);
    const stores = [1, 2, 3].map(() => createPostgresStore(databaseUrl, listings, log));
    await Promise.all(stores.map((store) => store.prepare()));
    assert.equal((await stores[0].listings()).length, listings.length);
    await Promise.all(stores.map((store) => store.close()));
  },
);

/** The same behaviour is asked of every store, over HTTP. */
function behavesAsCatalog(name, openStore, options = {}) {
  describe(name, options, () => {
    let store, service, url;
    before(async () => {
      store = await openStore();
      await store.prepare();
      service = createHttpService({
        facts,
        log,
        routes: catalogRoutes({ store, facts, now: () => 1_800_000_000_000 }),
      });
      url = `http://127.0.0.1:${await listen(service.server, {})}`;
    });
    after(async () => {
      await service.stop();
      await store.close();
    });

    const order = (body, key = randomUUID()) =>
      fetch(`${url}/orders`, {
        method: "POST",
        headers: { "content-type": "application/json", ...(key ? { "idempotency-key": key } : {}) },
        body: JSON.stringify(body),
      });
    const wanted = { listingId: "moon-jar", quantity: 2, buyer: "Noor" };

    test("lists what there is in its order, each with the price of the day", async () => {
      const { listings: found } = await (await fetch(`${url}/listings`)).json();
      assert.deepEqual(
        found.map(({ id }) => id),
        listings.map(({ id }) => id),
      );
      assert.ok(
        found.every(({ priceCents, dayPriceCents }) => Math.abs(dayPriceCents - priceCents) <= priceCents * 0.04 + 1),
      );
    });

    test("places an order and finds it again", async () => {
      const answer = await order(wanted);
      assert.equal(answer.status, 201);
      const placed = await answer.json();
      assert.equal(placed.totalCents, placed.unitPriceCents * 2);
      assert.equal(placed.release, "r4");
      assert.deepEqual(await (await fetch(`${url}/orders/${placed.id}`)).json(), placed);
    });

    test("places an order once, however often it is sent", async () => {
      const key = randomUUID();
      const answers = await Promise.all([1, 2, 3, 4].map(() => order(wanted, key)));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 201]);
      const ids = new Set((await Promise.all(answers.map((answer) => answer.json()))).map(({ id }) => id));
      assert.equal(ids.size, 1);
    });

    test("refuses another order under a key that was used", async () => {
      const key = randomUUID();
      await order(wanted, key);
      assert.equal((await order({ ...wanted, quantity: 3 }, key)).status, 409);
    });

    test("refuses what it does not have and what makes no sense", async () => {
      assert.equal((await order({ ...wanted, listingId: "gold-bar" })).status, 404);
      assert.equal((await order({ ...wanted, quantity: 0 })).status, 422);
      assert.equal((await order({ ...wanted, buyer: " " })).status, 422);
      assert.equal((await order(wanted, null)).status, 400);
      assert.equal((await fetch(`${url}/orders/${randomUUID()}`)).status, 404);
      assert.equal((await fetch(`${url}/orders/1;drop`)).status, 404);
    });
  });
}

behavesAsCatalog("a catalog in memory", async () => createMemoryStore(listings));

behavesAsCatalog(
  "a catalog in PostgreSQL",
  async () => (await import("../postgres-store.mjs")).createPostgresStore(databaseUrl, listings, log),
  { skip: databaseUrl ? false : "CATALOG_TEST_DATABASE_URL names no database to try it on" },
);

const refused = () => Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

test("a catalog whose database comes late waits for it, and one whose database is wrong does not", async () => {
  let asked = 0;
  const late = {
    prepare: async () => {
      if (++asked < 3) throw refused();
    },
  };
  assert.equal(await prepareUntilReady(late, log, new AbortController().signal, 1), true);
  assert.equal(asked, 3);
  const wrong = {
    prepare: async () => {
      throw Object.assign(new Error("permission denied"), { code: "42501" });
    },
  };
  await assert.rejects(prepareUntilReady(wrong, log, new AbortController().signal, 1), /permission denied/);
  assert.equal(await prepareUntilReady(late, log, AbortSignal.abort()), false);
});

test("a database that is away is 503, so that the caller may come again", async () => {
  const [route] = answerWhenDatabaseIsAway([{ handle: () => Promise.reject(refused()) }], log);
  await assert.rejects(route.handle({}), { status: 503 });
});
