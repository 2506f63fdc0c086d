import { mkdirSync, readFileSync, renameSync } from "node:fs";
import { request as requestInTheClear } from "node:http";
import { request as requestOverTls } from "node:https";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { selfSigned } from "../../tools/self-signed.ts";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { until } from "./support/leak-guard.ts";
import { stagingOnly, webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

const host = "web.staging.localhost";
let fairway: Fairway;
const web = { requests: { bodyBytes: 100 }, httpsOnly: true };
/** What is trusted, once it was made. */
let ca = "";
let tls: { readonly host: string; readonly port: number };

beforeAll(async () => {
  fairway = await openFairway(webProject({}, { environments: stagingOnly({ services: { web } }) }), {
    tlsPort: 0,
    accessLogSample: 1,
    routerWorkers: 2,
  });
  const { publicTls } = await fairway.client.call("routerStatus", {});
  tls = { host: "127.0.0.1", port: Number(publicTls?.split(":")[1]) };
  assertEnded(await fairway.release(), "succeeded");
});

afterAll(() => fairway?.end());

/** The status of an answer over TLS to somebody who trusts that certificate alone, or in the clear. */
function statusOf(path: string, { over = "tls", body = "" } = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { path, method: body === "" ? "GET" : "PUT", agent: false, headers: { host } } as const;
    const asking =
      over !== "tls"
        ? requestInTheClear({ ...fairway.router, ...options })
        : requestOverTls({ ...tls, ...options, ca, servername: host });
    asking.on("response", (answer) => answer.resume().on("end", () => resolve(answer.statusCode ?? 0)));
    asking.on("error", reject);
    asking.end(body);
  });
}

test("certificates in the data directory are served once the router is told, and bad ones change nothing", async () => {
  const folder = join(fairway.data, "certificates");
  mkdirSync(folder, { mode: 0o700 });
  const { certificate, key, pem } = selfSigned(folder, [host]);
  renameSync(certificate, join(folder, `${host}.crt`));
  await expect(fairway.client.call("routerReload", {})).rejects.toMatchObject({ code: "bad_request" });
  renameSync(key, join(folder, `${host}.key`));
  ca = pem;
  expect((await fairway.client.call("routerReload", {})).certificates).toMatchObject([{ host, names: [host] }]);
  expect(await statusOf("/over-tls")).toBe(200);
});

test("a daemon that finds bad certificates starts, says so, and the router serves those of before", async () => {
  const key = join(fairway.data, "certificates", `${host}.key`);
  renameSync(key, `${key}.away`);
  await fairway.kill("SIGTERM");
  await fairway.start();
  expect((await fairway.status()).problems).toEqual([expect.stringMatching(/\.key is not there; .*router reload/)]);
  const { certificates } = await fairway.client.call("routerStatus", {});
  expect(certificates).toMatchObject([{ host }]);
  renameSync(`${key}.away`, key);
  await fairway.client.call("routerReload", {});
  await fairway.assertHealthy();
});

test("what the environment says of requests holds: sent to TLS, and no long bodies", async () => {
  expect(await statusOf("/", { over: "nothing" })).toBe(308);
  expect(await statusOf("/", { body: "x".repeat(100) })).toBe(200);
  expect(await statusOf("/", { body: "x".repeat(101) })).toBe(413);
});

test("every request is in the access log", async () => {
  const log = (): string => readFileSync(join(fairway.data, "access.log"), "utf8");
  await until(() => log().includes('"/over-tls"'), "the request is logged");
});

test("what the release did is in the status, and is served to Prometheus", async () => {
  expect(await statusOf("/")).toBe(200);
  const { environments, problems } = await fairway.status();
  const [figures] = environments[0]?.services[0]?.traffic ?? [];
  expect(figures).toMatchObject({ release: "r1", errors: 0 });
  expect(figures?.requests).toBeGreaterThan(0);
  expect(problems).toEqual([]);
  const answer = await fetch(`${fairway.client.url}/metrics`);
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  expect(text).toMatch(/^fairway_requests_total\{environment="staging",service="web",release="r1",code="2xx"\} [1-9]/m);
  expect(text).toContain(`fairway_certificate_expiry_timestamp_seconds{host="${host}"}`);
});

test("another number of workers and another log are taken while it runs, and by the next daemon too", async () => {
  await fairway.client.call("routerUpgrade", { workers: 1, accessLogSample: null });
  const { workers, accessLogSample, processes } = await fairway.client.call("routerStatus", {});
  expect([workers, accessLogSample, processes.filter(({ role }) => role === "leads").length]).toEqual([1, null, 1]);
  const { out } = await commandLine(fairway.project.path, fairway.data, "config", "options", "--json");
  const options = JSON.parse(out) as readonly { readonly option: string; readonly value: string }[];
  expect(options).toContainEqual({ option: "--router-workers", value: "1", from: "fairway up" });
  expect(options.map(({ option }) => option)).not.toContain("--access-log");
  const wrong = fairway.client.call("routerUpgrade", { workers: 0 });
  await expect(wrong).rejects.toMatchObject({ code: "bad_request" });
});

test("maintenance keeps users out until it is over", async () => {
  const place = { environment: "staging", service: "web" };
  await fairway.client.call("routerMaintenance", { ...place, message: "Back at ten" });
  expect(await statusOf("/")).toBe(503);
  expect((await fairway.status()).environments[0]?.services[0]?.maintenance).toBe("Back at ten");
  expect((await fairway.client.call("routerStatus", {})).maintenance).toEqual([
    { route: "staging/web", message: "Back at ten" },
  ]);
  await fairway.client.call("routerMaintenance", { ...place, message: null });
  expect(await statusOf("/")).toBe(200);
  const nowhere = fairway.client.call("routerMaintenance", { ...place, service: "shop", message: null });
  await expect(nowhere).rejects.toMatchObject({ code: "not_found" });
});
