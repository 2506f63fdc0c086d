import { createServer, request as ask } from "node:http";
import type { AddressInfo } from "node:net";
import type { Delivery } from "@fairway/core";
import type { DeliveryAnswer } from "@fairway/engine";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { hookServer } from "./hook-server.ts";

let received: { readonly forge: string; readonly body: string }[] = [];
let said: string[] = [];
let answer: () => Promise<DeliveryAnswer> = async () => ({ status: 202, why: "taken" });
const hooks = hookServer(
  {
    receive: async (forge: string, { body }: Delivery) => {
      received.push({ forge, body: Buffer.from(body).toString() });
      return answer();
    },
  },
  (problem) => said.push(problem),
);
const server = createServer((request, response) => {
  if (!hooks.takes(request, response)) response.writeHead(418).end();
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
beforeEach(() => {
  received = [];
  said = [];
  answer = async () => ({ status: 202, why: "taken" });
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const status = (method: string, path: string, body: string | Buffer, headers = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = ask({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on("error", reject);
    asked.end(body);
  });

test("a webhook is handed on as it came, and answered by what became of it", async () => {
  expect(await status("POST", "/hooks/github", '{"a":1}')).toBe(202);
  expect(received).toEqual([{ forge: "github", body: '{"a":1}' }]);
  answer = async () => ({ status: 409, why: "was something else" });
  expect(await status("POST", "/hooks/github?x=1", "")).toBe(409);
});

test("other paths and spellings are for others, and other methods are refused", async () => {
  for (const path of ["/hooks", "/hooks/", "/hooks/github/x", "/hooks/%67ithub", "/%68ooks/github", "/HOOKS/github"])
    expect([path, await status("POST", path, "")]).toEqual([path, 418]);
  expect(await status("GET", "/hooks/github", "")).toBe(405);
  expect(await status("HEAD", "/hooks/intercom", "")).toBe(200);
  expect(received).toEqual([]);
});

test("too long a body is refused before it is read, and what cannot be kept is to be sent again", async () => {
  const length = { "content-length": String(3 * 1024 * 1024) };
  const refused = await new Promise<number>((resolve, reject) => {
    const asked = ask({
      host: "127.0.0.1",
      port,
      method: "POST",
      path: "/hooks/github",
      headers: length,
      agent: false,
    });
    asked.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
      asked.destroy();
    });
    asked.on("error", reject);
    asked.flushHeaders();
  });
  expect([refused, received]).toEqual([413, []]);
  answer = () => Promise.reject(new Error("the database does not answer"));
  expect(await status("POST", "/hooks/github", "{}")).toBe(503);
  expect(said.join()).toContain("the database does not answer");
});
