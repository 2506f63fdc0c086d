import assert from "node:assert/strict";
import { test } from "node:test";

import { readFacts } from "../../../shared/facts.mjs";
import { createFlags } from "../../../shared/flags.mjs";
import { createHttpService } from "../../../shared/http-service.mjs";
import { readJsonBody } from "../../../shared/json-body.mjs";
import { createLog } from "../../../shared/log.mjs";
import { listen } from "../../../shared/run.mjs";
import { gatewayRoutes } from "../gateway.mjs";

const facts = readFacts({});
const log = createLog(facts, { write: () => {} });
const catalog = { call: async () => ({ status: 200, body: { listings: [{ id: "moon-jar", leadDays: 3 }] } }) };

async function serve(t, routes) {
  const service = createHttpService({ facts, log, routes });
  t.after(service.stop);
  return `http://127.0.0.1:${await listen(service.server, {})}`;
}

/** A source of flags in which `ana` alone gets delivery dates, for those who bring the key. */
const source = (t) =>
  serve(t, [
    {
      method: "POST",
      path: "/ofrep/v1/evaluate/flags/:key",
      async handle({ request, params }) {
        if (request.headers.authorization !== "Bearer k=ey") return { status: 401, body: {} };
        const { context } = await readJsonBody(request);
        return { body: { key: params.key, value: context.targetingKey === "ana" } };
      },
    },
    {
      method: "POST",
      path: "/ofrep/v1/evaluate/flags",
      handle: () => ({ body: { flags: [{ key: "delivery-dates", value: true }] } }),
    },
  ]);

async function gateway(t, variables) {
  // However busy the machine is, what answers here answers.
  const flags = createFlags(variables, { timeout: 60_000 });
  t.after(flags.close);
  return serve(t, gatewayRoutes({ facts, catalog, inference: catalog, flags }));
}

const listingFor = async (url, visitor) => {
  const answer = await fetch(`${url}/api/listings`, { headers: visitor === undefined ? {} : { "x-visitor": visitor } });
  return (await answer.json()).listings[0];
};

test("delivery dates are told to those to whom the flag gives them", async (t) => {
  const url = await gateway(t, { OFREP_ENDPOINT: await source(t), OFREP_HEADERS: "Authorization=Bearer k=ey" });
  assert.match((await listingFor(url, "ana")).deliverBy, /^\d{4}-\d\d-\d\d$/);
  assert.equal((await listingFor(url, "bob")).deliverBy, undefined);
  assert.equal((await listingFor(url)).deliverBy, undefined);
  const asked = await fetch(`${url}/api/ofrep/v1/evaluate/flags`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ context: { targetingKey: "ana" } }),
  });
  assert.deepEqual(await asked.json(), { flags: [{ key: "delivery-dates", value: true }] });
});

test("without flags, or where they cannot be read, everything is as before", async (t) => {
  const wrongKey = { OFREP_ENDPOINT: await source(t), OFREP_HEADERS: "Authorization=Bearer other" };
  for (const variables of [{}, { OFREP_ENDPOINT: "http://127.0.0.1:1" }, wrongKey]) {
    const listing = await listingFor(await gateway(t, variables), "ana");
    assert.deepEqual([listing.id, listing.leadDays, listing.deliverBy], ["moon-jar", 3, undefined]);
  }
});
