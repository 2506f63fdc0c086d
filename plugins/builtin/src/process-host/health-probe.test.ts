import type { RequestListener } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { HealthAnswer } from "./health-probe.ts";
import { askHealth } from "./health-probe.ts";

const servers: (() => void)[] = [];
afterEach(() => {
  for (const end of servers.splice(0)) end();
});

async function asked(answer: RequestListener): Promise<HealthAnswer> {
  const server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  servers.push(() => (server.closeAllConnections(), server.close()));
  const { port } = server.address() as AddressInfo;
  return askHealth({ port, path: "/healthz", timeout: 60_000, signal: new AbortController().signal });
}

test.each([
  ["nothing", {}, "ok", 0],
  ["a body", {}, ' {"busy": 3}', 3],
  ["a header", { "Fairway-Busy": "2" }, "ok", 2],
  ["both, and the header counts", { "Fairway-Busy": "0" }, '{"busy": 3}', 0],
  ["what is no number", { "Fairway-Busy": "many" }, '{"busy": "many"}', 0],
  ["less than nothing", { "Fairway-Busy": "-1" }, '{"busy": -1}', 0],
  ["what is no JSON", {}, '{"busy": ', 0],
])("open jobs are told by %s", async (_what, headers, body, busy) => {
  expect(await asked((_, response) => response.writeHead(200, headers).end(body))).toMatchObject({ well: true, busy });
});

test("a replica that is ill has no jobs, whatever it says", async () => {
  const answer = await asked((_, response) => response.writeHead(500, { "Fairway-Busy": "2" }).end("no"));
  expect(answer).toMatchObject({ well: false, said: "answered 500: no" });
});
