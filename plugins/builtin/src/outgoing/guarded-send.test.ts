import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { codeOf } from "@fairway/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { guardedSend } from "./guarded-send.ts";

const server = createServer((request, response) => {
  if (request.url === "/away") response.writeHead(307, { location: "/" }).end();
  else response.setHeader("content-type", "application/json").end(JSON.stringify({ method: request.method }));
});
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

/** The codes and words of an error and all its causes. */
const toldBy = async (work: Promise<unknown>): Promise<readonly unknown[]> => {
  const told: unknown[] = [];
  for (let error: unknown = await work.catch((thrown: unknown) => thrown); error instanceof Error; error = error.cause)
    told.push(codeOf(error), error.message);
  return told;
};

test("what is within is asked, and a redirect is not followed", async () => {
  const send = guardedSend({ origin: "within" });
  const answer = await send(url, { method: "POST", body: "{}" });
  expect([answer.status, await answer.json()]).toEqual([200, { method: "POST" }]);
  expect(await toldBy(send(`${url}/away`))).not.toEqual([]);
});

test.each(["169.254.169.254", "fd00:ec2::254", "fe80::1"])(
  "%s is asked nothing, as an address or behind a name",
  async (address) => {
    const family = address.includes(":") ? 6 : 4;
    const send = guardedSend({ origin: "within", resolve: async () => [{ address, family }] });
    const literal = family === 6 ? `[${address}]` : address;
    for (const host of [literal, "node.example"])
      expect(await toldBy(send(`http://${host}/`))).toContain("bad_request");
  },
);
