import type { Route } from "@fairway/core";
import { describe, expect, it } from "vitest";
import { getOnce, group, route, testPlane, type TestPlane } from "../testing/plane.ts";
import { RawClient } from "../testing/raw-client.ts";
import { httpService, namedService, rawService } from "../testing/services.ts";

const planeWith = async (said: Partial<Route>, port?: number): Promise<TestPlane> =>
  testPlane({ web: route([group("r1", [port ?? (await namedService("web"))])], said) });

const post = (headers: string, body: string): string =>
  `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers}\r\n\r\n${body}`;

describe("a route's limits", () => {
  it("on the rate answer 429 with the time to wait, and only from outside", async () => {
    const { ask, internalPort, plane } = await planeWith({ limits: { requestRate: { perSecond: 0.1, burst: 2 } } });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await ask(getOnce("/"))).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await ask(getOnce("/"))).text).toMatch(/\r\nRetry-After: (9|10)\r\n/);
    for (let i = 0; i < 3; i++) await new RawClient(internalPort).send(getOnce("/api/x")).has("200 OK");
    expect(plane.totals.limited).toBe(2);
  });

  it("on the rate keep the connection", async () => {
    const { client } = await planeWith({ limits: { requestRate: { perSecond: 0.1, burst: 1 } } });
    const kept = client().send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await kept.has(/200 OK[^]*429 Too Many Requests[^]*"requestId"/);
    expect(kept.text).not.toContain("Connection: close");
  });

  it("on the body answer 413, whether its length is told or not, and the service never gets it whole", async () => {
    const bodies: string[] = [];
    const port = await httpService((request, answer) => {
      let body = "";
      request.setEncoding("latin1").on("data", (part: string) => (body += part));
      request.on("error", () => undefined).on("end", () => (bodies.push(body), answer.end("ok")));
    });
    const { ask } = await planeWith({ limits: { bodyBytes: 10 } }, port);
    expect((await ask(post("Content-Length: 10", "0123456789"))).status).toBe(200);
    expect((await ask(post("Content-Length: 11", "0123456789X"))).status).toBe(413);
    expect((await ask(post("Expect: 100-continue\r\nContent-Length: 11", ""))).status).toBe(413);
    const chunked = "Transfer-Encoding: chunked";
    expect((await ask(post(chunked, "6\r\n012345\r\n6\r\n678901\r\n0\r\n\r\n"))).status).toBe(413);
    expect(bodies).toEqual(["0123456789"]);
  });

  it("on the head answer 431", async () => {
    const { ask } = await planeWith({ limits: { headBytes: 200 } });
    expect((await ask(getOnce("/"))).status).toBe(200);
    expect((await ask(getOnce("/", `X: ${"x".repeat(200)}\r\n`))).status).toBe(431);
  });

  it("on the time of the answer answer 504", async () => {
    const port = await rawService((socket) => socket.on("data", () => undefined));
    const { ask, plane } = await planeWith({ limits: { answerWithin: 100 } }, port);
    expect((await ask(getOnce("/"))).status).toBe(504);
    expect(plane.totals.timedOut).toBe(1);
  });

  it("do not widen the router's own", async () => {
    const port = await namedService("web");
    const { ask } = await testPlane(
      { web: route([group("r1", [port])], { limits: { bodyBytes: 100 } }) },
      { bodyBytes: 5 },
    );
    expect((await ask(post("Content-Length: 6", "012345"))).status).toBe(413);
  });
});

describe("a route under maintenance", () => {
  const maintenance = { message: "Back at <noon>", retryAfter: 120 };
  const asBrowser = "Accept: text/html,application/xhtml+xml;q=0.9\r\n";

  it("answers 503 with a page to people and JSON to programs", async () => {
    const { ask } = await planeWith({ maintenance });
    const page = await ask(getOnce("/buy", asBrowser));
    expect(page.status).toBe(503);
    expect(page.text).toMatch(/Retry-After: 120\r\n/);
    expect(page.text).toMatch(/Content-Type: text\/html[^]*<p>Back at &lt;noon&gt;<\/p>/);
    const json = await ask(getOnce("/buy"));
    expect(json.text).toMatch(/Content-Type: application\/json[^]*"error":"Back at <noon>"/);
    const head = await ask(`HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${asBrowser}\r\n`);
    expect(head.text).toMatch(/^HTTP\/1\.1 503 [^]*\r\n\r\n$/);
  });

  it("still lets the health path, and other services, reach it", async () => {
    const { ask, internalPort, plane } = await planeWith({ maintenance });
    expect((await ask(getOnce("/healthz?x=1"))).status).toBe(200);
    expect((await ask(getOnce("/healthz/more"))).status).toBe(503);
    await new RawClient(internalPort).send(getOnce("/api/x")).has("200 OK");
    plane.apply({ version: 2, routes: { web: route(plane.table.routes["web"]?.groups ?? []) } });
    expect((await ask(getOnce("/buy"))).status).toBe(200);
  });
});
