import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { atEnd } from "../testing/cleanup.ts";
import { Load } from "../testing/load.ts";
import { endpoint, getOnce, group, route, table, testPlane } from "../testing/plane.ts";

/** A replica that can be ended from one moment to the next, open connections and all. */
async function replica(name: string): Promise<{ readonly port: number; end(): void }> {
  const server: Server = createServer((request, answer) => {
    request.resume();
    setTimeout(() => answer.end(name), 5);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const end = (): void => {
    server.closeAllConnections();
    server.close();
  };
  atEnd(end);
  return { port: (server.address() as AddressInfo).port, end };
}

it("replicas that are drained before they are ended cost no request, and none begun after a switch meets the old", async () => {
  let current = await replica("r0");
  const test = await testPlane({ web: route([group("r0", [current.port])]) });
  const load = new Load(test.port, { kept: 8, fresh: 2 });
  for (let release = 1; release <= 10; release++) {
    await load.more(50);
    const next = await replica(`r${release}`);
    test.plane.apply(table({ web: route([group(`r${release}`, [next.port])]) }, release));
    expect((await test.ask(getOnce("/"))).text).toMatch(new RegExp(`\\nr${release}$`));
    expect(await test.plane.drain([endpoint(current.port)], 10_000)).toEqual({ cut: 0 });
    current.end();
    current = next;
  }
  const { refused, failures } = await load.stop();
  expect([refused, failures]).toEqual([0, []]);
  expect(test.plane.totals).toMatchObject({ retried: 0, badGateway: 0, unavailable: 0 });
});

it("what is back on the table before its drain is over is not cut", async () => {
  let answer: () => void = () => undefined;
  const server = createServer((_request, response) => (answer = () => void response.end("served"))).listen(
    0,
    "127.0.0.1",
  );
  atEnd(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const on = { web: route([group("r1", [port])]) };
  const test = await testPlane(on);
  const open = test.ask(getOnce("/"));
  await once(server, "request");
  test.plane.apply(table({ web: route([]) }, 1));
  const drained = test.plane.drain([endpoint(port)], 20);
  test.plane.apply(table(on, 2));
  expect(await drained).toEqual({ cut: 0 });
  answer();
  expect((await open).text).toMatch(/served$/);
});
