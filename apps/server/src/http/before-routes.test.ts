import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contract } from "@fairway/api";
import { isCachePath } from "@fairway/workflow/cache-paths";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openIdentity } from "../identity.ts";

// What answers before the routes asks nobody's policy. So it takes nothing that a route could be, and asks for its own proof.

const directory = mkdtempSync(join(tmpdir(), "fairway-identity-"));
const identity = openIdentity(directory, Promise.resolve("http://127.0.0.1"));
const isFlagPath = (path: string): boolean => path.startsWith("/ofrep/") || path.startsWith("/flagd/");
const isHookPath = (path: string): boolean => path.startsWith("/hooks/");
let server: Server;
let port = 0;
beforeAll(async () => {
  server = createServer((asked, response) => {
    if (!identity.takes(asked, response)) response.writeHead(299).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

/** 299 for what the identity server leaves to the routes. */
const statusOf = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, headers, agent: false }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    })
      .on("error", reject)
      .end();
  });

const paths = [...Object.values(contract).map(({ path }) => path), "/livez", "/readyz", "/metrics", "/openapi.json"];

test("no path of a route is taken before the routes, however it goes on", async () => {
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.string({ maxLength: 20 }), (path, rest) => {
      expect([isCachePath, isFlagPath, isHookPath].some((takes) => takes(path + rest))).toBe(false);
    }),
  );
  expect(await Promise.all([...new Set(paths)].map(async (path) => statusOf(path)))).toEqual(
    [...new Set(paths)].map(() => 299),
  );
});

test("what says who jobs are tells its keys to anybody, and signs for nobody but a job that runs", async () => {
  expect(await statusOf("/oidc/.well-known/openid-configuration")).toBe(200);
  expect(await statusOf("/oidc/.well-known/jwks")).toBe(200);
  for (const headers of [
    {},
    { authorization: "Bearer " },
    { authorization: "Bearer made-up" },
    { cookie: "__Host-fairway=x" },
  ])
    expect(await statusOf("/oidc/token?audience=sigstore", headers)).toBe(401);
  for (const path of [
    "/oidc",
    "/oidc/",
    "/oidc/keys",
    "/oidc/../api/v1/status",
    "/oidc/%2e%2e/api/v1/status",
    "/oidc//token",
  ])
    expect([path, await statusOf(path)]).toEqual([path, 404]);
  for (const path of ["/OIDC/token", "/%6fidc/token", "//oidc/token", "/oidcx"]) expect(await statusOf(path)).toBe(299);
});
