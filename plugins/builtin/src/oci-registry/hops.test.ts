import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { messageOf } from "@fairway/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { connectionGuard } from "../outgoing/connection-guard.ts";
import type { RegistryHops } from "./hops.ts";
import { registryHops } from "./hops.ts";
import type { RegistryConnection } from "./registry-connection.ts";
import { registryConnection } from "./registry-connection.ts";

/** What both servers heard: the registry's own requests, and those that reached a service inside. */
let asked: string[] = [];
let secretsHeard: string[] = [];
let place = "";
const registry = createServer((request, response) => {
  asked.push(`registry ${request.url}`);
  if (request.url === "/away") response.writeHead(307, { location: `${place}/metrics` }).end();
  else if (request.url === "/token")
    response.writeHead(401, { "www-authenticate": `Bearer realm="${place}/give",service="here"` }).end();
  else if (request.url === "/upload") response.writeHead(202, { location: `${place}/put` }).end();
  else response.end("here");
});
const within = createServer((request, response) => {
  asked.push(`inside ${request.url}`);
  if (request.headers.authorization !== undefined) secretsHeard.push(request.headers.authorization);
  if (request.url === "/give?service=here") response.end(JSON.stringify({ token: "t" }));
  else if (request.url?.startsWith("/challenge") === true)
    response.writeHead(401, { "www-authenticate": `Bearer realm="${place}/steal"` }).end();
  else response.end("secret figures");
});
const portOf = (server: typeof registry): number => (server.address() as AddressInfo).port;

beforeAll(async () => {
  for (const server of [registry, within]) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  place = `http://127.0.0.1:${portOf(within)}`;
});
afterAll(async () => {
  for (const server of [registry, within]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
beforeEach(() => {
  [asked, secretsHeard] = [[], []];
});

/** One on the internet, as far as its addresses tell: no test has one there. */
const onTheInternet = (allowPrivate: readonly string[] = []): RegistryHops => ({
  ...registryHops(allowPrivate),
  isInside: () => false,
});
const connected = (hops: RegistryHops): RegistryConnection =>
  registryConnection(
    { host: `127.0.0.1:${portOf(registry)}`, insecure: true, ca: null, login: { username: "ada", password: "p" } },
    undefined,
    hops,
  );
const saidBy = (work: Promise<{ readonly body: Buffer }>): Promise<string> =>
  work.then(({ body }) => body.toString(), messageOf);
const reading = (path: string) => ({ method: "GET", path, what: "read it" }) as const;

test("a registry on the internet that sends inside is not followed there, nor for a token or an upload", async () => {
  const { ask } = connected(onTheInternet());
  for (const path of ["/away", "/token"])
    expect(await saidBy(ask(reading(path)))).toContain("requests to 127.0.0.1 are refused");
  const { headers } = await ask({ method: "POST", path: "/upload", what: "begin it" });
  const upload = { method: "PUT", path: headers.location ?? "", what: "send it" } as const;
  expect(await saidBy(ask(upload))).toContain("requests to 127.0.0.1 are refused");
  expect(asked).toEqual(["registry /away", "registry /token", "registry /upload"]);
});

test("one inside is, and so is one outside where the operator lets it in", async () => {
  for (const hops of [registryHops(), onTheInternet(["127.0.0.0/8"])]) {
    const { ask } = connected(hops);
    expect(await saidBy(ask(reading("/away")))).toBe("secret figures");
    expect((await ask({ ...reading("/token"), answers: [401] })).status).toBe(401);
  }
  expect(asked.filter((line) => line.startsWith("inside"))).toEqual([
    ...["inside /metrics", "inside /give?service=here"],
    ...["inside /metrics", "inside /give?service=here"],
  ]);
});

test("a name that leads inside is looked at where the connection is made", async () => {
  const outside = connectionGuard({ resolve: async () => [{ address: "127.0.0.1", family: 4 }] });
  place = `http://storage.example:${portOf(within)}`;
  expect(await saidBy(connected({ ...onTheInternet(), outside }).ask(reading("/away")))).toContain(
    "requests to storage.example are refused",
  );
  expect(asked).toEqual(["registry /away"]);
  place = `http://127.0.0.1:${portOf(within)}`;
});

test("who it sends to does not get our password by asking for one", async () => {
  const before = place;
  place = `${place}/challenge?`;
  const { ask } = connected(registryHops());
  expect((await ask({ ...reading("/away"), answers: [401] })).status).toBe(401);
  expect([asked.filter((line) => line.includes("steal")), secretsHeard]).toEqual([[], []]);
  place = before;
});

test("who is inside is told by a private address, not by one that carries another", () => {
  const { isInside } = registryHops();
  expect(["10.0.0.1", "127.0.0.1", "fd00::1", "192.168.1.1"].map(isInside)).toEqual([true, true, true, true]);
  expect(["8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::808:808", "nonsense", undefined].map(isInside)).toEqual([
    ...[false, false, false, false, false],
  ]);
});
