import { createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { withFreePorts } from "./free-ports.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** A port that is ours until the test is over. */
async function taken(): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("it listens on no port");
  return address.port;
}

test("a first daemon takes other ports in the place of usual ones that are taken", async () => {
  const usual = { port: await taken(), routerPort: await taken(), internalPort: await taken() };
  const found = await withFreePorts({}, "127.0.0.1", usual);
  for (const which of ["port", "routerPort", "internalPort"] as const) {
    expect(Number(found[which])).toBeGreaterThan(usual[which]);
    expect((Number(found[which]) - usual[which]) % 10).toBe(0);
  }
});

test("ports that somebody named are left as they are, taken or not", async () => {
  const named = { port: String(await taken()), routerPort: "0", internalPort: "x" };
  expect(await withFreePorts(named, "127.0.0.1")).toEqual(named);
});
