import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { FlagWorld } from "@fairway/conformance";
import { flagSourceSuite } from "@fairway/conformance";
import { unleashFlags } from "./unleash-flags.ts";

const tokens: Readonly<Record<string, string>> = { production: "default:production.p", test: "default:test.t" };

/** Answers as unleash-server 7.5.1 was seen to; the story `unleash-flags` asks that server itself. */
const answerOf = (environment: string, flags: ReadonlyMap<string, boolean>, revision: number): object => ({
  version: 2,
  features: [...flags].map(([name, enabled]) => ({
    name,
    type: "release",
    enabled,
    project: "default",
    stale: false,
    strategies: [
      {
        name: "flexibleRollout",
        constraints: [],
        parameters: { groupId: name, rollout: "25", stickiness: "default" },
        variants: [],
      },
    ],
    variants: [],
    description: `changed ${revision} times`,
    impressionData: false,
  })),
  query: { project: ["default"], environment, inlineSegmentConstraints: true },
  meta: { revisionId: revision, etag: `"6ef7ec5a:${revision}:v1"`, queryHash: "6ef7ec5a" },
});

flagSourceSuite("Unleash", async (): Promise<FlagWorld> => {
  const flags = new Map(Object.keys(tokens).map((environment) => [environment, new Map<string, boolean>()]));
  let revision = 0;
  const server = createServer((request, response) => {
    const known = Object.keys(tokens).find((environment) => tokens[environment] === request.headers.authorization);
    if (known === undefined)
      return void response.writeHead(401).end('{"message":"This endpoint requires an API token."}');
    if (request.url !== "/api/client/features") return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(answerOf(known, flags.get(known) ?? new Map(), revision)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    environments: ["production", "test"],
    source: unleashFlags({ url, keyOf: async (environment) => tokens[environment] ?? null }),
    withWrongKey: unleashFlags({ url, keyOf: async () => "wrong-key" }),
    unreachable: unleashFlags({ url: "http://127.0.0.1:1", keyOf: async () => "wrong-key" }),
    async make(key) {
      for (const of of flags.values()) of.set(key, false);
    },
    async turn(environment, key, on) {
      flags.get(environment)?.set(key, on);
      revision++;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
});
