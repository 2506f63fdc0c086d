import { describe, expect, it } from "vitest";
import { eventually } from "../testing/cleanup.ts";
import { getOnce, group, route, table, testPlane } from "../testing/plane.ts";
import { deadPort, httpService, namedService, rawService } from "../testing/services.ts";

const post = (body: string): string =>
  `POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

describe("a request while no replica is there", () => {
  it("is held until one is, body and all", async () => {
    const { plane, client } = await testPlane({ web: route([]) });
    const waiting = client().send(post("hello"));
    await eventually(() => plane.held.size === 1);
    plane.apply(table({ web: route([group("r1", [await namedService("new")])]) }));
    expect((await waiting.until(({ ended }) => ended)).text).toContain('"body":"hello"');
    expect(plane.totals).toMatchObject({ held: 1, unavailable: 0 });
  });

  it("is answered 503 when none comes", async () => {
    const { plane, ask } = await testPlane({ web: route([group("r1", [await deadPort()])]) }, { holdFor: 300 });
    const { status, text } = await ask(getOnce("/"));
    expect(status).toBe(503);
    expect(text).toContain("Retry-After: 1");
    expect(plane.totals).toMatchObject({ held: 1, unavailable: 1 });
  });

  it("is answered 404 when its route goes away", async () => {
    const { plane, client } = await testPlane({ web: route([]) });
    const waiting = client().send(getOnce("/"));
    await eventually(() => plane.held.size === 1);
    plane.apply(table({}));
    expect(await waiting.statusAtEnd()).toBe(404);
  });

  it("is forgotten when its client leaves", async () => {
    const { plane, client } = await testPlane({ web: route([]) });
    const waiting = client().send(getOnce("/"));
    await eventually(() => plane.held.size === 1);
    waiting.socket.resetAndDestroy();
    await eventually(() => plane.held.size === 0);
  });
});

describe("a replica that fails", () => {
  it("to take a connection costs no request, whatever its method", async () => {
    const { plane, ask } = await testPlane({
      web: route([group("r1", [await deadPort(), await namedService("alive")])]),
    });
    for (let i = 0; i < 6; i++) expect((await ask(post("hello"))).status).toBe(200);
    expect(plane.totals.redirected).toBeGreaterThan(0);
    expect(plane.totals.badGateway).toBe(0);
  });

  /** Takes a request and hangs up without a word. */
  const hangsUp = (): Promise<number> => rawService((socket) => socket.on("data", () => socket.destroy()));

  it("after it got a GET costs nothing: another is asked", async () => {
    const { plane, ask } = await testPlane({
      web: route([group("r1", [await hangsUp(), await namedService("alive")])]),
    });
    for (let i = 0; i < 4; i++) expect((await ask(getOnce("/"))).text).toContain('"name":"alive"');
    expect(plane.totals.retried).toBeGreaterThan(0);
  });

  it("after it got a POST is answered 502, as doing it again might do it twice", async () => {
    let posts = 0;
    const port = await rawService((socket) => socket.on("data", () => (posts++, socket.destroy())));
    const { ask } = await testPlane({ web: route([group("r1", [port])]) });
    expect((await ask(post("hello"))).status).toBe(502);
    expect(posts).toBe(1);
  });

  it("is asked a bounded number of times", async () => {
    let gets = 0;
    const port = await rawService((socket) => socket.on("data", () => (gets++, socket.destroy())));
    const { ask } = await testPlane({ web: route([group("r1", [port])]) });
    expect((await ask(getOnce("/"))).status).toBe(502);
    expect(gets).toBe(4);
  });

  it("within its answer leaves an answer that looks cut off", async () => {
    const part = {
      counted: "Content-Length: 10\r\n\r\nhello",
      chunked: "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    };
    for (const rest of Object.values(part)) {
      const port = await rawService((socket) => socket.on("data", () => socket.end(`HTTP/1.1 200 OK\r\n${rest}`)));
      const { plane, client } = await testPlane({ web: route([group("r1", [port])]) });
      const asked = await client()
        .send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .until(({ closed, ended }) => closed || ended);
      expect(asked.text.endsWith("0\r\n\r\n")).toBe(false);
      expect(plane.traffic()["web"]?.["r1"]).toMatchObject({ requests: 1, errors: 1 });
    }
  });

  it("to speak HTTP is answered 502, and nothing of what it said gets through", async () => {
    const answers = [
      "SSH-2.0-x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    ];
    for (const answer of answers) {
      const port = await rawService((socket) => socket.on("data", () => socket.write(answer)));
      const { ask } = await testPlane({ web: route([group("r1", [port])]) });
      const { status, text } = await ask(post(""));
      expect(status).toBe(502);
      expect(text).not.toContain("SSH");
    }
  });

  it("to answer in time is answered 504", async () => {
    const port = await rawService(() => undefined);
    const { plane, ask } = await testPlane({ web: route([group("r1", [port])]) }, { answerWithin: 200 });
    expect((await ask(getOnce("/"))).status).toBe(504);
    expect(plane.endpointStates[0]?.inFlight).toBe(0);
  });
});

describe("connections to services", () => {
  it("are used again, but not when the service said it closes them or sent more than it should", async () => {
    const answers = [
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nb",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ncHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nd",
    ];
    const seen: number[] = [];
    const port = await rawService((socket, connection) =>
      socket.on("data", () => {
        seen.push(connection);
        socket.write(answers[seen.length - 1] ?? "");
      }),
    );
    const { client } = await testPlane({ web: route([group("r1", [port])]) });
    const asker = client();
    for (const [i, letter] of ["a", "b", "c", "d"].entries()) {
      asker.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      await asker.until(({ text }) => (text.match(/HTTP\/1\.1/g) ?? []).length === i + 1 && text.endsWith(letter));
    }
    expect(seen).toEqual([1, 1, 2, 3]);
    expect(asker.text).not.toMatch(/evil|Connection/);
  });

  it("that were closed while idle cost no GET", async () => {
    const port = await rawService((socket, connection) =>
      socket.on("data", () => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        // A reset meets the next request on its way, or the pool before it.
        if (connection === 1) setTimeout(() => socket.resetAndDestroy(), 20);
      }),
    );
    const { ask } = await testPlane({ web: route([group("r1", [port])]) });
    for (let i = 0; i < 5; i++) expect((await ask(getOnce("/"))).status).toBe(200);
  });

  it("of a client that leaves are closed", async () => {
    let left = false;
    const port = await rawService((socket) => socket.resume().on("close", () => (left = true)));
    const { plane, client } = await testPlane({ web: route([group("r1", [port])]) });
    const asker = client().send(getOnce("/"));
    await eventually(() => plane.endpointStates[0]?.inFlight === 1);
    asker.socket.resetAndDestroy();
    await eventually(() => left);
    expect(plane.endpointStates[0]?.inFlight).toBe(0);
    expect(plane.totals.abandoned).toBe(1);
  });
});

describe("an answer", () => {
  it("that comes before the request's body is whole reaches the client, and the connection ends", async () => {
    const port = await rawService((socket) =>
      socket.once("data", () => socket.write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno")),
    );
    const { ask } = await testPlane({ web: route([group("r1", [port])]) });
    const { status, text } = await ask(
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n${"x".repeat(200_000)}`,
    );
    expect(status).toBe(401);
    expect(text).toContain("Connection: close");
  });

  it("that comes too early leaves no connection on which the next request would be read as a body", async () => {
    const connections: number[] = [];
    const port = await rawService((socket, connection) =>
      socket.on("data", (bytes) => {
        if (!/^(POST|GET)/.test(bytes.toString())) return;
        connections.push(connection);
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      }),
    );
    const { ask } = await testPlane({ web: route([group("r1", [port])]) });
    expect((await ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nGET")).status).toBe(200);
    expect((await ask(getOnce("/"))).status).toBe(200);
    expect(connections).toEqual([1, 2]);
  });

  it("that nobody takes is given up, and its service is free again", async () => {
    const port = await httpService((_request, answer) => answer.end(Buffer.alloc(30_000_000)));
    const { plane, client } = await testPlane({ web: route([group("r1", [port])]) }, { clientStall: 300 });
    const asker = client().send(getOnce("/"));
    asker.socket.pause();
    await eventually(() => plane.endpointStates[0]?.served === 1 && plane.endpointStates[0].inFlight === 0);
    expect(plane.totals.abandoned).toBe(1);
  });

  it("without an end gets one for HTTP/1.1 clients, who may ask again", async () => {
    const port = await rawService((socket) => socket.once("data", () => socket.end("HTTP/1.0 200 OK\r\n\r\nhello")));
    const { client } = await testPlane({ web: route([group("r1", [port])]) });
    const asker = client().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await asker.has("\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    asker.send(getOnce("/"));
    expect((await asker.until(({ ended }) => ended)).text.match(/hello/g)).toHaveLength(2);
  });

  it("with hints before it is passed on with them", async () => {
    const port = await httpService((_request, answer) => {
      answer.writeEarlyHints({ link: "</a.css>; rel=preload" });
      answer.end("hello");
    });
    const { ask } = await testPlane({ web: route([group("r1", [port])]) });
    expect((await ask(getOnce("/"))).text).toMatch(/^HTTP\/1\.1 103 Early Hints\r\n[^]*HTTP\/1\.1 200 OK[^]*hello$/);
  });

  it("of 20 MB arrives whole through a client that reads slowly, and little of it waits in memory", async () => {
    const size = 20_000_000;
    const port = await httpService((_request, answer) => answer.end(Buffer.alloc(size, "x")));
    const { client, plane } = await testPlane({ web: route([group("r1", [port])]) });
    const asker = client().send(getOnce("/"));
    let bytes = 0;
    asker.socket.removeAllListeners("data").on("data", (part: string) => {
      bytes += part.length;
      asker.socket.pause();
      setImmediate(() => asker.socket.resume());
    });
    await asker.until(({ ended }) => ended);
    expect(bytes).toBeGreaterThan(size);
    expect(plane.endpointStates[0]?.inFlight).toBe(0);
  });

  it("of HEAD and 304 has no body, whatever its length says", async () => {
    const port = await httpService((request, answer) => {
      answer.writeHead(request.url === "/304" ? 304 : 200, { "content-length": 5 });
      answer.end(request.url === "/304" ? undefined : "hello");
    });
    const { ask } = await testPlane({ web: route([group("r1", [port])]) });
    const { text } = await ask(
      `HEAD /a HTTP/1.1\r\nHost: a\r\n\r\nGET /304 HTTP/1.1\r\nHost: a\r\n\r\n${getOnce("/b")}`,
    );
    expect([...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status)).toEqual(["200", "304", "200"]);
    expect(text.match(/hello/g)).toHaveLength(1);
  });
});

describe("health checks", () => {
  it("leave out an endpoint that is ill and take it back when it is well", async () => {
    let status = 200;
    const ill = await httpService((request, answer) =>
      answer.writeHead(request.url === "/healthz" ? status : 200, { "content-length": 3 }).end("ill"),
    );
    const well = await httpService((_request, answer) => answer.end("well"));
    const health = { path: "/healthz", interval: 20, timeout: 500 };
    const { plane, ask } = await testPlane({ web: route([group("r1", [ill, well])], { health }) });
    const [state] = plane.endpointStates;
    status = 500;
    await eventually(() => state?.well === false);
    expect(state?.lastFailure).toBe("GET /healthz answered 500");
    for (let i = 0; i < 4; i++) expect((await ask(getOnce("/"))).text).toMatch(/well$/);
    status = 204;
    await eventually(() => state?.well === true);
    const answers = [await ask(getOnce("/")), await ask(getOnce("/"))].map(({ text }) => text.slice(-4));
    expect(answers).toContain("\nill");
  });

  it("count no answer in time as ill, and wake the requests that wait when one comes", async () => {
    let silent = true;
    const port = await httpService(
      (request, answer) => void (request.url === "/healthz" && silent ? undefined : answer.end("ok")),
    );
    const health = { path: "/healthz", interval: 20, timeout: 40 };
    const { plane, ask } = await testPlane({ web: route([group("r1", [port])], { health }) });
    await eventually(() => plane.endpointStates[0]?.well === false);
    expect(plane.endpointStates[0]?.lastFailure).toBe("GET /healthz: nothing in 40 ms");
    const waiting = ask(getOnce("/"));
    await eventually(() => plane.held.size === 1);
    silent = false;
    expect((await waiting).status).toBe(200);
  });
});

it("what each release did is counted", async () => {
  const port = await httpService((request, answer) => answer.writeHead(request.url === "/bad" ? 500 : 200).end());
  const { plane, ask } = await testPlane({ web: route([group("r7", [port])]) });
  for (const target of ["/", "/bad", "/"]) await ask(getOnce(target));
  const traffic = plane.traffic()["web"]?.["r7"];
  expect(traffic).toMatchObject({ requests: 3, errors: 0, statuses: { "2xx": 2, "5xx": 1 }, latency: { count: 3 } });
  expect(traffic?.latency.buckets.at(-1)).toEqual({ le: null, count: 3 });
});
