import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { eventually } from "../testing/cleanup.ts";
import { group, route, testPlane, type TestPlane } from "../testing/plane.ts";
import { deadPort, rawService } from "../testing/services.ts";

/** What a service did with each connection: the bytes it got before it broke off, or answered. */
interface Service {
  readonly port: number;
  readonly got: string[];
}

/** Reads whole requests and answers each with what it got of a body. */
async function answering(): Promise<Service> {
  const got: string[] = [];
  const port = await rawService((socket) => {
    let bytes = "";
    socket.on("data", (part: Buffer) => {
      bytes += part.toString("latin1");
      for (let end = endOfRequest(bytes); end > 0; end = endOfRequest(bytes)) {
        got.push(bytes.slice(0, end));
        bytes = bytes.slice(end);
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole");
      }
    });
  });
  return { port, got };
}

function endOfRequest(bytes: string): number {
  const head = bytes.indexOf("\r\n\r\n");
  if (head < 0) return 0;
  const end = head + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(bytes)?.[1] ?? 0);
  return bytes.length >= end ? end : 0;
}

/** Breaks off at its point of every request. */
async function breaking(when: (bytes: string, socket: Socket) => boolean): Promise<Service> {
  const got: string[] = [];
  const port = await rawService((socket) => {
    const at = got.push("") - 1;
    if (when("", socket)) return void socket.destroy();
    socket.on("data", (part: Buffer) => {
      got[at] += part.toString("latin1");
      if (when(got[at] ?? "", socket)) socket.destroy();
    });
  });
  return { port, got };
}

const headIsWhole = (bytes: string): boolean => bytes.includes("\r\n\r\n");

const breakages = {
  "takes the connection and closes it": () => breaking(() => true),
  "closes at the request's first bytes": () => breaking((bytes) => bytes !== ""),
  "closes after the head": () => breaking(headIsWhole),
  "closes after the whole request": () => breaking((bytes) => endOfRequest(bytes) > 0),
  "resets after the head": () =>
    breaking((bytes, socket) => headIsWhole(bytes) && socket.resetAndDestroy() !== undefined),
} as const;

const request = (method: string, body: string): string =>
  `${method} /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${body === "" ? "" : `Content-Length: ${body.length}\r\n`}\r\n${body}`;

const planeOf = (services: readonly { readonly port: number }[], limits = {}): Promise<TestPlane> =>
  testPlane(
    {
      web: route([
        group(
          "r1",
          services.map(({ port }) => port),
        ),
      ]),
    },
    limits,
  );

describe.each(Object.entries(breakages))("when a replica %s", (_name, broken) => {
  it.each([
    ["GET", ""],
    ["HEAD", ""],
    ["OPTIONS", ""],
    ["DELETE", ""],
    ["PUT", "hello"],
    ["DELETE", "x".repeat(1000)],
  ])("a %s is answered by another, body and all", async (method, body) => {
    const [bad, good] = [await broken(), await answering()];
    const { ask, plane } = await planeOf([bad, good]);
    // Whoever has the first turn: of two requests one meets the broken one.
    for (let asked = 0; asked < 2; asked++) expect((await ask(request(method, body))).status).toBe(200);
    expect(bad.got.length).toBe(1);
    expect(good.got.map((got) => got.slice(got.indexOf("\r\n\r\n") + 4))).toEqual([body, body]);
    expect(plane.totals).toMatchObject({ retried: 1, badGateway: 0 });
  });

  it.each(["POST", "PATCH", "LOCK"])("a %s is sent once, whatever became of it", async (method) => {
    const [bad, good] = [await broken(), await answering()];
    const { ask, plane } = await planeOf([bad, good]);
    const statuses = [await ask(request(method, "hello")), await ask(request(method, "hello"))].map(
      ({ status }) => status,
    );
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 502]);
    expect([bad.got.length, good.got.length]).toEqual([1, 1]);
    expect(plane.totals).toMatchObject({ retried: 0, badGateway: 1 });
  });
});

describe("a request", () => {
  it("goes elsewhere when no connection is made, whatever its method", async () => {
    const good = await answering();
    const { ask, plane } = await planeOf([{ port: await deadPort() }, good]);
    for (const method of ["POST", "GET", "PATCH"]) {
      expect((await ask(request(method, "hello"))).status).toBe(200);
    }
    expect(good.got.length).toBe(3);
    expect(plane.totals.retried).toBe(0);
  });

  it("whose body is too long to be kept is sent once, although it could be repeated", async () => {
    const [bad, good] = [await breaking((bytes) => bytes.length > 500), await answering()];
    const { ask } = await planeOf([bad, good], { keptBodyBytes: 100 });
    const put = request("PUT", "x".repeat(5000));
    const statuses = [await ask(put), await ask(put)].map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 502]);
    expect([bad.got.length, good.got.length]).toEqual([1, 1]);
  });

  it("that met the first byte of an answer is not sent again", async () => {
    const bad = await breaking((bytes, socket) => {
      if (!headIsWhole(bytes)) return false;
      socket.end("H");
      return false;
    });
    const { ask } = await planeOf([bad]);
    expect((await ask(request("GET", ""))).status).toBe(502);
    expect(bad.got.length).toBe(1);
  });

  it("that takes too long is not sent again: it may still be at work", async () => {
    const silent = await breaking(() => false);
    const { ask } = await planeOf([silent, silent], { answerWithin: 100 });
    expect((await ask(request("GET", ""))).status).toBe(504);
    expect(silent.got.length).toBe(1);
  });

  it("is sent a bounded number of times when all of them break it off", async () => {
    const services = [await breaking(headIsWhole), await breaking(headIsWhole)];
    const { ask } = await planeOf(services, { tries: 3 });
    expect((await ask(request("GET", ""))).status).toBe(502);
    expect(services.flatMap(({ got }) => got).length).toBe(3);
  });
});

describe("an answer that breaks off", () => {
  const framings = {
    "with a length": "Content-Length: 10\r\n\r\nhello",
    "in chunks": "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "that ends with its connection": "\r\nhello",
  } as const;
  const endings: Readonly<Record<string, (socket: Socket) => unknown>> = {
    "is closed": (socket) => socket.end(),
    "is reset": (socket) => socket.resetAndDestroy(),
  };
  const cases = Object.keys(framings).flatMap((framing) =>
    // An HTTP/1.0 client is sent no chunks.
    Object.keys(endings).flatMap((ending) =>
      (framing === "in chunks" ? [1] : [0, 1]).map((minor) => [framing, ending, minor] as const),
    ),
  );

  /** What HTTP says a client may take for whole. */
  const looksWhole = (text: string, reset: boolean): boolean => {
    const head = text.slice(0, text.indexOf("\r\n\r\n")).toLowerCase();
    const body = text.slice(head.length + 4);
    if (head.includes("transfer-encoding: chunked")) return body.endsWith("0\r\n\r\n");
    const length = /content-length: (\d+)/.exec(head)?.[1];
    return length === undefined ? !reset : body.length === Number(length);
  };

  it.each(cases)("%s and %s never looks whole to an HTTP/1.%i client", async (framing, ending, minor) => {
    const sockets: Socket[] = [];
    const port = await rawService((socket) => {
      sockets.push(socket);
      socket.once("data", () => socket.write(`HTTP/1.1 200 OK\r\n${framings[framing as "in chunks"]}`));
    });
    const { client } = await planeOf([{ port }]);
    const asker = client().send(`GET / HTTP/1.${minor}\r\nHost: a\r\n\r\n`);
    await asker.has("hello");
    for (const socket of sockets) endings[ending]?.(socket);
    // A body whose only end is that of its connection is whole when the service says so in good order.
    const whole = framing === "that ends with its connection" && ending === "is closed";
    if (whole && minor === 1) return void (await asker.has("0\r\n\r\n"));
    await asker.until(({ ended, closed }) => ended || closed);
    // The reset may come after the end of the stream was seen.
    if (!whole) asker.socket.end();
    await eventually(() => asker.closed || whole);
    expect(looksWhole(asker.text, asker.reset)).toBe(whole);
  });

  it("because its drain was cut, or because the router ends, never looks whole either", async () => {
    for (const end of ["drain", "retire"] as const) {
      const port = await rawService((socket) =>
        socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\n\r\nhello")),
      );
      const { client, plane } = await planeOf([{ port }]);
      const asker = client().send("GET / HTTP/1.0\r\n\r\n");
      await asker.has("hello");
      if (end === "retire") await plane.retire(0, true);
      else {
        plane.apply({ version: 2, routes: {} });
        await plane.drain([{ replica: `replica-${port}`, host: "127.0.0.1", port }], 0);
      }
      await asker.until(({ closed }) => closed);
      expect(looksWhole(asker.text, asker.reset)).toBe(false);
    }
  });
});
