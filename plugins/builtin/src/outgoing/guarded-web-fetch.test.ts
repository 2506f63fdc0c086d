import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { messageOf } from "@fairway/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readJson } from "../flags-over-http/read-json.ts";
import { ociRegistry } from "../oci-registry/oci-registry.ts";
import { registryHops } from "../oci-registry/hops.ts";
import { registryConnection } from "../oci-registry/registry-connection.ts";
import { prometheusMetricsSource } from "../prometheus-metrics-source.ts";
import { sigstoreSigner } from "../sigstore-signer.ts";
import { connectionGuard } from "./connection-guard.ts";
import { guardedWebFetch } from "./guarded-web-fetch.ts";

let asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? "");
  if (request.url?.startsWith("/v2/away/")) response.writeHead(307, { location: "http://169.254.169.254/" }).end();
  else if (request.url === "/away") response.writeHead(302, { location: "/" }).end();
  else response.end("here");
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const saidBy = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "no refusal",
    (thrown: unknown) => {
      const { cause } = thrown as { readonly cause?: unknown };
      return `${messageOf(thrown)} ${cause === undefined ? "" : messageOf(cause)}`;
    },
  );
const question = (): { headers: Record<string, string>; signal: AbortSignal } => ({
  headers: {},
  signal: AbortSignal.timeout(60_000),
});

test("what is within is asked by a name, and a redirect even to the same place is not followed", async () => {
  asked = [];
  const fetch = guardedWebFetch({ origin: "within", resolve: async () => [{ address: "127.0.0.1", family: 4 }] });
  const answer = await fetch(`http://inside.example:${port}/`, question());
  const parts: Uint8Array[] = [];
  for await (const part of answer.body ?? []) parts.push(part);
  expect([answer.status, Buffer.concat(parts).toString()]).toEqual([200, "here"]);
  expect(await saidBy(fetch(`http://inside.example:${port}/away`, question()))).toContain("redirect");
  expect(asked).toEqual(["/", "/away"]);
});

test.each(["within", "operator"] as const)(
  "a name of which one answer is where a cloud tells credentials is asked nothing, whoever wrote it: %s",
  async (origin) => {
    asked = [];
    for (const address of ["169.254.169.254", "fd00:ec2::254", "::ffff:169.254.169.254", "fe80::1", "0.0.0.0"]) {
      const family = address.includes(":") ? 6 : 4;
      const resolve = async (): Promise<{ address: string; family: number }[]> => [
        { address: "127.0.0.1", family: 4 },
        { address, family },
      ];
      const said = await saidBy(guardedWebFetch({ origin, resolve })(`http://two.example:${port}/`, question()));
      expect(said).toContain(`requests to two.example are refused: ${address} is `);
    }
    expect(asked).toEqual([]);
  },
);

test.each(["http://169.254.169.254", "http://[fd00:ec2::254]", "http://0xa9fea9fe", "http://[::ffff:a9fe:a9fe]"])(
  "Prometheus, flags and a registry at %s are asked nothing",
  async (url) => {
    expect(await prometheusMetricsSource({ url }).ask("up")).toContain("are refused");
    expect(await saidBy(readJson("Unleash", url, { authorization: "key" }))).toContain("are refused");
    const registry = ociRegistry({ host: url.slice("http://".length), insecure: true, ca: null, login: null });
    expect(await saidBy(registry.digestOf("shop/api", "one"))).toContain("are refused");
  },
);

test("for a library that connects by itself every address of a host is looked at before", async () => {
  const answers = [{ address: "10.0.0.1", family: 4 }];
  const guard = connectionGuard({ origin: "within", resolve: async () => answers });
  await guard.checkHost("mail.example");
  await guard.checkHost("[::1]");
  expect(await saidBy(guard.checkHost("[fe80::1]"))).toContain("are refused");
  answers.push({ address: "169.254.169.254", family: 4 });
  expect(await saidBy(guard.checkHost("mail.example"))).toContain("requests to mail.example are refused");
});

test("Sigstore's services where a cloud tells credentials are asked nothing", async () => {
  const access = { fulcio: "http://169.254.169.254", rekor: undefined, token: "token" };
  expect(await saidBy(sigstoreSigner().sign("text/plain", "payload", access))).toContain("are refused");
});

test("a registry that sends to where a cloud tells credentials is not followed there", async () => {
  asked = [];
  const registry = ociRegistry({ host: `127.0.0.1:${port}`, insecure: true, ca: null, login: null });
  expect(await saidBy(registry.digestOf("away", "one"))).toContain("requests to 169.254.169.254 are refused");
  expect(asked).toEqual(["/v2/away/manifests/one"]);
});

test("a registry of whose name one answer is where a cloud tells credentials is asked nothing", async () => {
  asked = [];
  const answers = [{ address: "127.0.0.1", family: 4 }];
  const { ask } = registryConnection(
    { host: `registry.example:${port}`, insecure: true, ca: null, login: null },
    undefined,
    { ...registryHops(), inside: connectionGuard({ origin: "within", resolve: async () => answers }) },
  );
  const question = { method: "GET", path: "/v2/", what: "see whether it is there" } as const;
  expect((await ask({ ...question, headers: { connection: "close" } })).status).toBe(200);
  answers.push({ address: "169.254.169.254", family: 4 });
  expect(await saidBy(ask(question))).toContain("requests to registry.example are refused");
  expect(asked).toEqual(["/v2/"]);
});
