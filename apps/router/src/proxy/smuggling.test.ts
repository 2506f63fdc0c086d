import { describe, expect, it } from "vitest";
import { getOnce, group, route, testPlane, type TestPlane } from "../testing/plane.ts";
import { namedService, rawService } from "../testing/services.ts";

const plane = async (limits = {}): Promise<TestPlane> =>
  testPlane({ web: route([group("r1", [await namedService("web")])]) }, limits);

/** Requests that have been used to smuggle another one past a proxy; each must end the connection with this status. */
const corpus: readonly (readonly [name: string, status: number, request: string])[] = [
  [
    "length and coding",
    400,
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  ["two lengths", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nhello"],
  ["a folded coding", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"],
  [
    "a coding with a space before the colon",
    400,
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
  ],
  ["a coding in disguise", 501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n"],
  ["bare line feeds", 400, "GET / HTTP/1.1\nHost: a\n\n"],
  ["one bare line feed", 400, "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"],
  [
    "a chunk size with a bare line feed",
    400,
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
  ],
  [
    "a bare line feed in a chunk extension",
    400,
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;\nx\r\nhello\r\n0\r\n\r\n",
  ],
  [
    "a chunk longer than it says",
    400,
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n",
  ],
  [
    "a trailer that is a header",
    400,
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: b\r\n\r\n",
  ],
  ["a target with high bits", 400, "GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["two hosts", 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"],
  ["no host", 400, "GET / HTTP/1.1\r\n\r\n"],
  ["CONNECT", 501, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["HTTP/2 in the clear", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["TLS", 400, "\x16\x03\x01\n\r\n\r\n"],
  [
    "a Connection that names the length",
    400,
    "POST / HTTP/1.1\r\nHost: a\r\nConnection: Content-Length\r\nContent-Length: 5\r\n\r\nhello",
  ],
];

describe("on the wire", () => {
  it.each(corpus)("%s is refused with %i and the connection ends", async (_name, status, request) => {
    const { ask, plane: carrier } = await plane();
    const client = await ask(request);
    expect(client.status).toBe(status);
    expect(client.text).toContain('"requestId"');
    expect(carrier.endpointStates[0]?.inFlight).toBe(0);
  });

  it("what follows a refused request is never read as another", async () => {
    const { ask } = await plane();
    const client = await ask("GET / HTTP/1.1\r\n bad\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(client.text.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
  });

  it("a head that does not end is refused once it is too long", async () => {
    const { ask } = await plane({ headBytes: 2000 });
    expect((await ask(`GET / HTTP/1.1\r\nHost: a\r\nX: ${"a".repeat(3000)}`)).status).toBe(431);
    expect((await ask(getOnce("/", `X: ${"a".repeat(3000)}\r\n`))).status).toBe(431);
  });

  it("a head that drips in is refused once it takes too long", async () => {
    const { client } = await plane({ headWithin: 300 });
    const slow = client().send("GET / HTTP/1.1\r\n");
    const drip = setInterval(() => slow.send("X: y\r\n"), 50);
    expect(await slow.statusAtEnd()).toBe(408);
    clearInterval(drip);
  });

  it("a body that drips in is refused once it is too slow", async () => {
    const { client } = await plane({ bodySilence: 300 });
    const slow = client().send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    const drip = setInterval(() => slow.send("x"), 100);
    expect(await slow.statusAtEnd()).toBe(408);
    clearInterval(drip);
  });

  it("a body over the limit is refused, announced or not", async () => {
    const { ask } = await plane({ bodyBytes: 10 });
    expect((await ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world")).status).toBe(413);
    const chunk = "5\r\nhello\r\n".repeat(3);
    expect((await ask(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`)).status).toBe(413);
  });

  it("who asked and for what is the router's to say", async () => {
    const { ask } = await plane();
    const { text } = await ask(
      getOnce("/x", "X-Forwarded-For: 6.6.6.6\r\nX-Request-Id: mine-1\r\nForwarded: for=6.6.6.6\r\n"),
    );
    const { headers, url } = JSON.parse(text.slice(text.indexOf("{"))) as {
      headers: Record<string, string>;
      url: string;
    };
    expect(url).toBe("/x");
    expect(headers).toEqual({
      host: "shop.test",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "shop.test",
      "x-request-id": "mine-1",
    });
  });

  it("pipelined requests are answered in order, as many as there are", async () => {
    const { ask } = await plane();
    const one = (i: number): string => `POST /${i} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi`;
    const { text } = await ask(`\r\n${one(1)}${one(2)}\r\n${one(3)}${getOnce("/4")}`);
    expect([...text.matchAll(/"url":"\/(\d)"/g)].map(([, i]) => i)).toEqual(["1", "2", "3", "4"]);
  });

  it("a request whose head is cut in two behind another is a request", async () => {
    const { client } = await plane();
    const asker = client().send(`GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HT`);
    await asker.has('"url":"/1"');
    asker.send("TP/1.1\r\nHost: a\r\n\r\n");
    await asker.has('"url":"/2"');
  });

  it("a request byte by byte is a request", async () => {
    const { client } = await plane();
    const slow = client();
    slow.socket.setNoDelay(true);
    for (const byte of "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n") {
      slow.send(byte);
      await new Promise((next) => setImmediate(next));
    }
    expect((await slow.until(({ ended }) => ended)).text).toContain('"body":"hello"');
  });

  it("an expectation is met before the body, and a half-closed client gets its answer", async () => {
    const { client } = await plane();
    const careful = client().send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    await careful.has("HTTP/1.1 100 Continue\r\n\r\n");
    careful.socket.end("hello");
    expect((await careful.until(({ ended }) => ended)).text).toContain('"body":"hello"');
  });

  it("an HTTP/1.0 client gets no chunks", async () => {
    const port = await rawService((socket) =>
      socket.once("data", (head) => {
        expect(head.toString()).toContain("GET / HTTP/1.0\r\n");
        socket.end("HTTP/1.1 200 OK\r\n\r\nhello");
      }),
    );
    const { ask } = await testPlane({ web: route([group("r1", [port])]) });
    expect((await ask("GET / HTTP/1.0\r\n\r\n")).text).toBe("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello");
  });
});
