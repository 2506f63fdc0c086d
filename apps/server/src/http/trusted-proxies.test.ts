import { expect, test } from "vitest";
import type { Handlers } from "./build-app.ts";
import { buildApp } from "./build-app.ts";
import { appParts, callerFor } from "./testing/app-under-test.ts";
import { trustedProxies } from "./trusted-proxies.ts";

test.each([
  ["10.0.0.0/8", "10.9.8.7", true],
  ["10.0.0.0/8", "::ffff:10.9.8.7", true],
  ["10.0.0.0/8", "11.0.0.1", false],
  ["192.168.1.5, fd00::/8", "192.168.1.5", true],
  ["192.168.1.5, fd00::/8", "192.168.1.6", false],
  ["192.168.1.5, fd00::/8", "fd12::1", true],
  ["127.0.0.1", "not an address", false],
])("of %s the address %s is trusted: %s", (written, address, trusted) => {
  expect(trustedProxies(written)(address)).toBe(trusted);
});

test.each(["*", "0.0.0.0/0", "::/0", "10.0.0.0/33", "10.0.0", "proxy.example.com", "1.0.0.0/4", "10.0.0.0/-1"])(
  "%s is refused",
  (written) => {
    expect(() => trustedProxies(written)).toThrow(/--trusted-proxies/);
  },
);

test.each([
  ["nobody is trusted", undefined, "203.0.113.9", "10.0.0.2"],
  ["the proxy is trusted", "10.0.0.2", "203.0.113.9", "203.0.113.9"],
  ["another one is trusted", "10.0.0.3", "203.0.113.9", "10.0.0.2"],
  ["somebody wrote the header before the proxy did", "10.0.0.2", "127.0.0.1, 203.0.113.9", "203.0.113.9"],
  ["there are two proxies", "10.0.0.0/24", "1.1.1.1, 203.0.113.9, 10.0.0.7", "203.0.113.9"],
])("where %s a request's address is the one that can be known", async (_, trusted, header, address) => {
  const seen: (string | null)[] = [];
  const { handlers, options, known } = appParts(trusted === undefined ? {} : { trusts: trustedProxies(trusted) });
  const status: Handlers["status"] = async (_input, context) => {
    seen.push(context.address);
    return {} as never;
  };
  const app = buildApp({ ...handlers, status }, options);
  known.set("admin", callerFor({ grants: [{ role: "admin", project: null, environment: null }] }));
  const { statusCode } = await app.inject({
    url: "/api/v1/status",
    remoteAddress: "10.0.0.2",
    headers: { host: "localhost", authorization: "Bearer admin", "x-forwarded-for": header },
  });
  expect([statusCode, seen]).toEqual([200, [address]]);
});
