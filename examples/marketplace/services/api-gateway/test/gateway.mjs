import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { readFacts } from "../../../shared/facts.mjs";
import { createHttpService } from "../../../shared/http-service.mjs";
import { readJsonBody } from "../../../shared/json-body.mjs";
import { createLog } from "../../../shared/log.mjs";
import { listen } from "../../../shared/run.mjs";
import { createUpstream } from "../../../shared/upstream.mjs";
import { gatewayRoutes } from "../gateway.mjs";

const facts = readFacts({
  FAIRWAY_SERVICE: "api-gateway",
  FAIRWAY_RELEASE: "r5",
  GIT_SHA: "abc1234",
  FAIRWAY_REPLICA: "a-1",
  FAIRWAY_ENVIRONMENT: "staging",
});
const log = createLog(facts, { write: () => {} });
const listings = [
  { id: "moon-jar", title: "Moon jar", category: "clay", priceCents: 14_800 },
  { id: "letter-set", title: "Letter set", category: "paper", priceCents: 3600 },
];

/** What the services behind the gateway answer, and what they were asked. */
let asked, closers;
beforeEach(() => {
  asked = [];
  closers = [];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

async function serve(routes) {
  const service = createHttpService({ facts, log, routes });
  const url = `http://127.0.0.1:${await listen(service.server, {})}`;
  closers.push(service.stop);
  return url;
}

const behind = () =>
  serve([
    { method: "GET", path: "/listings", handle: () => ({ body: { listings } }) },
    {
      method: "POST",
      path: "/:kind",
      async handle({ request, params }) {
        const body = await readJsonBody(request);
        asked.push({ kind: params.kind, body, key: request.headers["idempotency-key"] });
        return { status: params.kind === "jobs" ? 202 : 201, body: { id: "7" } };
      },
    },
    { method: "GET", path: "/:kind/:id", handle: ({ params }) => ({ body: params }) },
  ]);

async function gateway({ catalogUrl, inferenceUrl, origin }) {
  const catalog = createUpstream({ name: "catalog", baseUrl: catalogUrl });
  const inference = createUpstream({ name: "inference", baseUrl: inferenceUrl });
  closers.push(catalog.close, inference.close);
  return serve(gatewayRoutes({ facts, catalog, inference, origin }));
}

const post = (url, body, headers = {}) =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

test("says which release it is", async () => {
  const url = await gateway({});
  assert.deepEqual(await (await fetch(`${url}/api/version`)).json(), {
    service: "api-gateway",
    environment: "staging",
    release: "r5",
    sha: "abc1234",
    replica: "a-1",
  });
});

test("passes listings, orders and appraisals on to the services that know", async () => {
  const services = await behind();
  const url = await gateway({ catalogUrl: services, inferenceUrl: services });
  const { listings: found } = await (await fetch(`${url}/api/listings`)).json();
  assert.deepEqual(
    found.map(({ id }) => id),
    ["moon-jar", "letter-set"],
  );
  assert.equal(
    (await post(`${url}/api/orders`, { listingId: "moon-jar" }, { "idempotency-key": "click-12345" })).status,
    201,
  );
  assert.deepEqual(await (await fetch(`${url}/api/orders/7`)).json(), { kind: "orders", id: "7" });
  const started = await post(`${url}/api/appraisals`, { listingId: "moon-jar" });
  assert.equal(started.status, 202);
  assert.deepEqual(await (await fetch(`${url}${started.headers.get("location")}`)).json(), { kind: "jobs", id: "7" });
  assert.deepEqual(asked[0], { kind: "orders", body: { listingId: "moon-jar" }, key: "click-12345" });
  assert.match(asked[1].key, /^[0-9a-f-]{36}$/);
});

test("an environment without appraisals says so, and the rest works", async () => {
  const url = await gateway({ catalogUrl: await behind() });
  const answer = await post(`${url}/api/appraisals`, { listingId: "moon-jar" });
  assert.equal(answer.status, 503);
  assert.equal((await answer.json()).error.message, "This environment has no inference.");
  assert.equal((await fetch(`${url}/api/listings`)).status, 200);
});

test("a catalog that cannot be reached is 502, and the gateway itself stays well", async () => {
  const url = await gateway({ catalogUrl: "http://127.0.0.1:1" });
  assert.equal((await fetch(`${url}/api/listings`)).status, 502);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
});

test("the page of another origin may call it only where that is allowed", async () => {
  const closed = await gateway({});
  assert.equal((await fetch(`${closed}/api/version`)).headers.get("access-control-allow-origin"), null);
  const open = await gateway({ origin: "https://shop.example" });
  assert.equal((await fetch(`${open}/api/version`)).headers.get("access-control-allow-origin"), "https://shop.example");
  assert.equal((await fetch(`${open}/api/orders`, { method: "OPTIONS" })).status, 204);
});
