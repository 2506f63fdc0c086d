import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";

import { dayPrice } from "../day-price.mjs";
import { readFacts } from "../facts.mjs";
import { createHttpService } from "../http-service.mjs";
import { readJsonBody } from "../json-body.mjs";
import { createLog } from "../log.mjs";
import { listen } from "../run.mjs";
import { createUpstream } from "../upstream.mjs";

const facts = readFacts({ FAIRWAY_RELEASE: "r7", GIT_SHA: "abc1234" });
const lines = [];
const log = createLog(facts, { level: "info", write: (line) => lines.push(JSON.parse(line)) });

const routes = [
  { method: "GET", path: "/things/:id", handle: ({ params }) => ({ body: { id: params.id } }) },
  {
    method: "POST",
    path: "/things",
    handle: async ({ request }) => ({ status: 201, body: await readJsonBody(request, 32) }),
  },
  { method: "GET", path: "/fault", handle: () => Promise.reject(new Error("the shelf fell down")) },
];

async function serve(t, extra = []) {
  const service = createHttpService({ facts, log, routes: [...routes, ...extra] });
  const port = await listen(service.server, {});
  t.after(() => service.stop());
  return { service, port, url: `http://127.0.0.1:${port}` };
}

const raw = async (port, text) => {
  const socket = connect(port, "127.0.0.1");
  socket.end(text);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  return answer;
};

const post = (url, body, type = "application/json") =>
  fetch(url, { method: "POST", body, headers: { "content-type": type } });

test("a route gets its parameters decoded", async (t) => {
  const { url } = await serve(t);
  assert.deepEqual(await (await fetch(`${url}/things/blue%20cup`)).json(), { id: "blue cup" });
});

test("what is not there is 404, the wrong method is 405 with what is allowed, a broken escape is 400", async (t) => {
  const { url } = await serve(t);
  assert.equal((await fetch(`${url}/nothing`)).status, 404);
  const wrong = await fetch(`${url}/things/1`, { method: "DELETE" });
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get("allow"), "GET, HEAD");
  assert.equal((await fetch(`${url}/things/%E0%A4%A`)).status, 400);
});

test("HEAD has the headers of GET and no body", async (t) => {
  const { port } = await serve(t);
  const answer = await raw(port, "HEAD /things/1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  assert.match(answer, /^HTTP\/1\.1 200 .*content-length: 11/is);
  assert.ok(answer.endsWith("\r\n\r\n"));
});

test("bodies that are too large, no JSON, no object or of another kind are refused", async (t) => {
  const { url } = await serve(t);
  assert.equal((await post(`${url}/things`, '{"a":1}')).status, 201);
  assert.equal((await post(`${url}/things`, JSON.stringify({ a: "x".repeat(100) }))).status, 413);
  assert.equal((await post(`${url}/things`, "{")).status, 400);
  assert.equal((await post(`${url}/things`, "[]")).status, 400);
  assert.equal((await post(`${url}/things`, "a=1", "application/x-www-form-urlencoded")).status, 415);
});

test("a body without a length is cut off at the limit", async (t) => {
  const { port } = await serve(t);
  const chunk = `40\r\n${"x".repeat(64)}\r\n`;
  const answer = await raw(
    port,
    `POST /things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`,
  );
  assert.match(answer, /^HTTP\/1\.1 413 /);
});

test("what is no HTTP gets 400", async (t) => {
  const { port } = await serve(t);
  assert.match(await raw(port, "HELLO\r\n\r\n"), /^HTTP\/1\.1 400 /);
});

test("a fault is 500 without its text, and the text is in the log", async (t) => {
  const { url } = await serve(t);
  const answer = await fetch(`${url}/fault`);
  assert.equal(answer.status, 500);
  assert.doesNotMatch(await answer.text(), /shelf/);
  assert.equal(lines.at(-1).error, "the shelf fell down");
});

test("health counts open requests, and a stopping service finishes them first", async (t) => {
  let entered, release;
  const inside = new Promise((resolve) => (entered = resolve));
  const gate = new Promise((resolve) => (release = resolve));
  const slow = { method: "GET", path: "/slow", handle: () => (entered(), gate.then(() => ({ body: { done: true } }))) };
  const { url, service } = await serve(t, [slow]);

  const answer = fetch(`${url}/slow`);
  await inside;
  assert.deepEqual(await (await fetch(`${url}/healthz`)).json(), {
    ok: true,
    busy: 1,
    stopping: false,
    release: "r7",
    sha: "abc1234",
  });

  const stopped = service.stop();
  release();
  assert.deepEqual(await (await answer).json(), { done: true });
  await stopped;
  await assert.rejects(fetch(url));
});

test("an upstream that is unreachable, slow, absent or talks nonsense is told apart", async (t) => {
  const { url, service } = await serve(t, [
    {
      method: "GET",
      path: "/hang",
      handle: () => new Promise((resolve) => setTimeout(() => resolve({ body: {} }), 4000)),
    },
    { method: "GET", path: "/page", handle: () => ({ body: Buffer.from("<html>") }) },
  ]);
  const upstream = createUpstream({ name: "things", baseUrl: `${url}/`, timeout: 1500 });
  t.after(() => upstream.close());
  assert.deepEqual(await upstream.call("GET", "/things/1"), { status: 200, body: { id: "1" } });
  assert.equal((await upstream.call("GET", "/nothing")).status, 404);
  await assert.rejects(upstream.call("GET", "/hang"), { status: 504 });
  await assert.rejects(upstream.call("GET", "/page"), { status: 502 });
  await assert.rejects(createUpstream({ name: "things" }).call("GET", "/"), { status: 503 });
  upstream.close();
  await service.stop();
  await assert.rejects(upstream.call("GET", "/things/1"), { status: 502 });
});

test("an upstream keeps the prefix of its base URL", async (t) => {
  const { url } = await serve(t, [
    { method: "GET", path: "/staging/things/1", handle: () => ({ body: { prefixed: true } }) },
  ]);
  const upstream = createUpstream({ name: "things", baseUrl: `${url}/staging` });
  t.after(() => upstream.close());
  assert.deepEqual((await upstream.call("GET", "/things/1")).body, { prefixed: true });
});

test("the day price is the same for the same moment and stays within 4 % of the maker's", () => {
  const listing = { id: "moon-jar", priceCents: 10_000 };
  for (let at = 0; at < 200_000_000; at += 977_777) {
    assert.equal(dayPrice(listing, at), dayPrice({ ...listing }, at));
    assert.ok(Math.abs(dayPrice(listing, at) - 10_000) <= 400);
  }
  assert.notEqual(dayPrice(listing, 0), dayPrice(listing, 20_000));
});

test("a log line is JSON with the release it came from", async () => {
  const written = [];
  const quiet = createLog(facts, { level: "warn", write: (line) => written.push(line) });
  quiet.info("not this");
  quiet.warn("but this", { order: 4 });
  assert.equal(written.length, 1);
  const { message, release, order } = JSON.parse(written[0]);
  assert.deepEqual({ message, release, order }, { message: "but this", release: "r7", order: 4 });
});

test("an idle client does not keep a stopping service open", async (t) => {
  const { service, port } = await serve(t);
  const socket = connect(port, "127.0.0.1");
  socket.write("GET /things/1 HTTP/1.1\r\nhost: x\r\n\r\n");
  await once(socket, "data");
  socket.resume();
  await Promise.all([once(socket, "close"), service.stop()]);
});
