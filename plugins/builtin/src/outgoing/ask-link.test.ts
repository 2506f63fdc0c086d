import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askLink } from "./ask-link.ts";

const server = createServer((request, response) => {
  const [, status = "200"] = (request.url ?? "/").split("/");
  if (status === "on") return void response.writeHead(302, { location: "/404" }).end();
  if (status === "inside") return void response.writeHead(302, { location: "http://169.254.169.254/latest" }).end();
  if (status === "round") return void response.writeHead(302, { location: "/round" }).end();
  response.writeHead(Number(status), status === "429" ? { "retry-after": "7" } : {}).end("x");
});
let at: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const { signal } = new AbortController();

test("an answer is told with its status, after redirects, and with how long it asks to be left alone", async () => {
  const ask = askLink({ origin: "within", allowPrivate: ["127.0.0.1/32"] });
  expect(await ask(`${at}/200`, signal)).toEqual({ status: 200, after: null });
  expect(await ask(`${at}/on`, signal)).toEqual({ status: 404, after: null });
  expect(await ask(`${at}/429`, signal)).toEqual({ status: 429, after: 7000 });
  expect(await ask(`${at}/round`, signal)).toMatchObject({ failure: expect.stringContaining("more than") as string });
});

test("it goes nowhere that is not public, at no hop", async () => {
  expect(await askLink({})(`${at}/200`, signal)).toEqual({ failure: "refused" });
  const ask = askLink({ origin: "within", allowPrivate: ["127.0.0.1/32"] });
  expect(await ask(`${at}/inside`, signal)).toEqual({ failure: "refused" });
});
