import { createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { usualOptions } from "./daemon-options.ts";
import { withFreePorts } from "./free-ports.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** Whether it is taken by us or by another, it is taken. */
const take = (port: number): Promise<void> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve());
    server.listen(port, "127.0.0.1", () => {
      servers.push(server);
      resolve();
    });
  });

test("a first daemon takes other ports in the place of usual ones that are taken", async () => {
  await take(usualOptions.port);
  await take(usualOptions.routerPort);
  const found = await withFreePorts({}, "127.0.0.1");
  expect(Number(found.port)).toBeGreaterThan(usualOptions.port);
  expect(Number(found.port) % 10).toBe(usualOptions.port % 10);
  expect(Number(found.routerPort)).toBeGreaterThan(usualOptions.routerPort);
});

test("ports that somebody named are left as they are, taken or not", async () => {
  await take(usualOptions.port);
  const named = { port: String(usualOptions.port), routerPort: "0", internalPort: "x" };
  expect(await withFreePorts(named, "127.0.0.1")).toEqual(named);
});
