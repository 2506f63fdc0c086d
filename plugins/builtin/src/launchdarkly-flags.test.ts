import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import type { FlagWorld } from "@fairway/conformance";
import { flagSourceSuite } from "@fairway/conformance";
import { init } from "@launchdarkly/node-server-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchDarklyFlags } from "./launchdarkly-flags.ts";

/**
 * Stands in for LaunchDarkly, whose service nobody can run: what its server SDKs poll, for two SDK keys. Its own SDK reads
 * it in the last test here.
 */
interface Double {
  readonly url: string;
  readonly flags: Map<string, Map<string, { on: boolean; version: number }>>;
  close(): Promise<void>;
}

const keys = { production: "sdk-production", test: "sdk-test" };

const flagOf = (key: string, { on, version }: { on: boolean; version: number }): object => ({
  key,
  on,
  version,
  variations: [true, false],
  fallthrough: { variation: 0 },
  offVariation: 1,
  rules: [
    { id: "r", variation: 0, clauses: [{ attribute: "", op: "segmentMatch", values: ["staff"], negate: false }] },
  ],
  targets: [],
  prerequisites: [],
  salt: "s",
  trackEvents: false,
});

async function openDouble(): Promise<Double> {
  const flags: Double["flags"] = new Map(Object.values(keys).map((key) => [key, new Map()]));
  const server = createServer((request, response) => {
    const own = flags.get(request.headers.authorization ?? "");
    if (own === undefined) return void response.writeHead(401).end();
    if (request.url !== "/sdk/latest-all") return void response.writeHead(404).end();
    const all = Object.fromEntries([...own].map(([key, standing]) => [key, flagOf(key, standing)]));
    const segments = { staff: { key: "staff", version: 3, included: ["ana"], excluded: [], rules: [], salt: "t" } };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ flags: all, segments }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    flags,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const keyOf = async (environment: string): Promise<string | null> =>
  Object.hasOwn(keys, environment) ? keys[environment as keyof typeof keys] : null;

flagSourceSuite("LaunchDarkly", async (): Promise<FlagWorld> => {
  const double = await openDouble();
  const of = (environment: string): Map<string, { on: boolean; version: number }> =>
    double.flags.get(keys[environment as keyof typeof keys]) ?? new Map();
  return {
    environments: ["production", "test"],
    source: launchDarklyFlags({ url: double.url, keyOf }),
    withWrongKey: launchDarklyFlags({ url: double.url, keyOf: async () => "wrong-key" }),
    unreachable: launchDarklyFlags({ url: "http://127.0.0.1:1", keyOf: async () => "wrong-key" }),
    async make(key) {
      for (const environment of Object.keys(keys)) of(environment).set(key, { on: false, version: 1 });
    },
    async turn(environment, key, on) {
      of(environment).set(key, { on, version: (of(environment).get(key)?.version ?? 0) + 1 });
    },
    close: () => double.close(),
  };
});

let double: Double;
beforeAll(async () => {
  double = await openDouble();
});
afterAll(() => double?.close());

test("who is in a segment that a flag asks for is part of it", async () => {
  double.flags.get(keys.test)?.set("pay", { on: true, version: 1 });
  const { flags } = await launchDarklyFlags({ url: double.url, keyOf }).snapshot("test");
  expect(flags["pay"]?.definition).toMatchObject({ segments: { staff: { included: ["ana"] } } });
});

test("LaunchDarkly's own SDK takes the stand-in for LaunchDarkly", async () => {
  double.flags.get(keys.production)?.set("pay", { on: true, version: 1 });
  const client = init(keys.production, {
    baseUri: double.url,
    stream: false,
    sendEvents: false,
    diagnosticOptOut: true,
    logger: { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} },
  });
  try {
    await client.waitForInitialization({ timeout: 30 });
    expect(await client.variation("pay", { kind: "user", key: "ana" }, false)).toBe(true);
  } finally {
    client.close();
  }
});
