import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { eventually } from "../testing/cleanup.ts";
import { endpoint, getOnce, group, route, table, testPlane, type TestPlane } from "../testing/plane.ts";
import type { RawClient } from "../testing/raw-client.ts";
import { namedService, rawService, upgradeAnswer } from "../testing/services.ts";

/** A service whose connections a test can see, each with the first bytes that came. */
async function watchedService(answer: (head: string) => string): Promise<{ port: number; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const port = await rawService((socket) =>
    socket.once("data", (head) => {
      sockets.push(socket);
      socket.write(answer(head.toString()));
    }),
  );
  return { port, sockets };
}

const eventStream = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

/** Takes a service off the table and gives its place to another. */
async function replaced(test: TestPlane): Promise<void> {
  test.plane.apply(table({ web: route([group("r2", [await namedService("next")])]) }));
}

async function openWebSocket(test: TestPlane): Promise<RawClient> {
  const head =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGVzdA==\r\n";
  return test.client().send(`GET /ws HTTP/1.1\r\nHost: a\r\n${head}\r\n`).has("101 Switching Protocols");
}

const frame = (text: string): Buffer => Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]);
const close1012 = Buffer.from([0x88, 17, 0x03, 0xf4]).toString("latin1");

describe("a drain", () => {
  it("of what is not known, or has nothing open, is over at once", async () => {
    const port = await namedService("web");
    const test = await testPlane({ web: route([group("r1", [port])]) });
    await test.ask(getOnce("/"));
    await replaced(test);
    expect(await test.plane.drain([endpoint(port), endpoint(1)], 60_000)).toEqual({ cut: 0 });
    expect(test.plane.endpointStates.map((state) => state.endpoint.port)).not.toContain(port);
  });

  it("waits for a slow request, while new ones go elsewhere", async () => {
    const { port, sockets } = await watchedService(() => "");
    const test = await testPlane({ web: route([group("r1", [port])]) });
    const slow = test.client().send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    await eventually(() => sockets.length === 1);
    await replaced(test);
    let drained = false;
    const drain = test.plane.drain([endpoint(port)], 60_000).then((result) => ((drained = true), result));
    expect((await test.ask(getOnce("/"))).text).toContain('"name":"next"');
    expect(drained).toBe(false);
    sockets[0]?.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow");
    await slow.has("slow");
    expect(await drain).toEqual({ cut: 0 });
    slow.send(getOnce("/after"));
    await slow.has('"url":"/after"');
  });

  it("cuts what is still open at the deadline, and says how much", async () => {
    const { port, sockets } = await watchedService(() => "");
    const test = await testPlane({ web: route([group("r1", [port])]) });
    const slow = test.client().send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    await eventually(() => sockets.length === 1);
    await replaced(test);
    expect(await test.plane.drain([endpoint(port)], 50)).toEqual({ cut: 1 });
    await slow.has("502 Bad Gateway");
  });

  it("ends an event stream where an event ends, and the client keeps its connection", async () => {
    const { port, sockets } = await watchedService(() => eventStream + chunk("data: 1\n\nda"));
    const test = await testPlane({ web: route([group("r1", [port])]) });
    const client = await test.client().send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n").has("data: 1\n\nda");
    await replaced(test);
    const drain = test.plane.drain([endpoint(port)], 60_000);
    sockets[0]?.write(chunk("ta: 2\n\n"));
    await client.has(/ta: 2\n\n\r\n0\r\n\r\n$/);
    expect(await drain).toEqual({ cut: 0 });
    client.send(getOnce("/again"));
    await client.has('"name":"next"');
  });

  it("ends an event stream between chunks when no event ends within the grace", async () => {
    const { port } = await watchedService(() => eventStream + chunk("data: 1\n\nda"));
    const test = await testPlane({ web: route([group("r1", [port])]) }, { streamGrace: 100 });
    const client = await test.client().send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n").has("da\r\n");
    await replaced(test);
    expect(await test.plane.drain([endpoint(port)], 60_000)).toEqual({ cut: 0 });
    await client.has(/da\r\n0\r\n\r\n$/);
  });

  it("closes a WebSocket with 1012 after the grace, between two frames", async () => {
    const { port, sockets } = await watchedService(upgradeAnswer);
    const test = await testPlane({ web: route([group("r1", [port])]) }, { streamGrace: 100, closeHandshake: 50 });
    const client = await openWebSocket(test);
    const [service] = sockets;
    let fromClient = "";
    service?.setEncoding("latin1").on("data", (part: string) => (fromClient += part));
    service?.write(Buffer.concat([frame("hello"), frame("world").subarray(0, 3)]));
    await client.has("hello");
    client.send(Buffer.from([0x81, 0x80, 1, 2, 3, 4]));
    await replaced(test);
    const drain = test.plane.drain([endpoint(port)], 60_000);
    await new Promise((grace) => setTimeout(grace, 150));
    expect(client.text).not.toContain(close1012);
    service?.write(Buffer.concat([frame("world").subarray(3), frame("late")]));
    expect(await drain).toEqual({ cut: 0 });
    await client.until(({ ended }) => ended);
    expect(client.text.endsWith(`world${close1012}service restart`)).toBe(true);
    expect(fromClient).toBe(Buffer.from([0x81, 0x80, 1, 2, 3, 4, 0x88, 0x82, 0, 0, 0, 0, 3, 0xe9]).toString("latin1"));
  });
});

describe("a WebSocket", () => {
  it("passes bytes both ways and ends when either side does", async () => {
    const { port, sockets } = await watchedService((head) => `${upgradeAnswer(head)}first`);
    const test = await testPlane({ web: route([group("r1", [port])]) });
    const client = await (await openWebSocket(test)).has(/\r\n\r\nfirst$/);
    expect(client.text).toContain("Upgrade: websocket");
    sockets[0]?.once("data", (bytes) => sockets[0]?.end(bytes));
    await client.send("ping").has("ping");
    await client.until(({ ended }) => ended);
    client.socket.end();
    await eventually(() => test.plane.endpointStates[0]?.inFlight === 0);
    expect(test.plane.traffic()["web"]?.["r1"]).toMatchObject({ requests: 1, errors: 0, statuses: { "1xx": 1 } });
  });

  it("that the service refuses is an answer like any other", async () => {
    const test = await testPlane({ web: route([group("r1", [await namedService("web")])]) });
    const head = "Connection: Upgrade, close\r\nUpgrade: websocket\r\n";
    expect((await test.ask(`GET /ws HTTP/1.1\r\nHost: a\r\n${head}\r\n`)).status).toBe(200);
  });
});

describe("a plane that retires", () => {
  it("takes no new connections, answers what is open and lets idle connections ask once more", async () => {
    const test = await testPlane({ web: route([group("r1", [await namedService("web")])]) });
    const client = test.client();
    await client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n").has('"url":"/1"');
    const retired = test.plane.retire(60_000, false);
    client.send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.until(({ ended }) => ended);
    expect(client.text).toMatch(/Connection: close[^]*"url":"\/2"/);
    client.socket.end();
    await retired;
  });

  it("ends streams in their own way and idle connections after a while", async () => {
    const { port } = await watchedService((head) =>
      head.includes("/ws") ? upgradeAnswer(head) : eventStream + chunk(": hi\n\n"),
    );
    const limits = { streamGrace: 100, closeHandshake: 50, retireIdle: 300 };
    const test = await testPlane({ web: route([group("r1", [port])]) }, limits);
    const socket = await openWebSocket(test);
    const events = await test.client().send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n").has(": hi");
    const idle = test.client();
    await eventually(() => test.plane.connections === 3);
    const retired = test.plane.retire(60_000, false);
    await Promise.all([socket, events, idle].map((client) => client.until(({ ended }) => ended)));
    for (const client of [socket, events, idle]) client.socket.end();
    await retired;
    expect(socket.text).toContain(close1012);
    expect(events.text.endsWith("0\r\n\r\n")).toBe(true);
  });
});
