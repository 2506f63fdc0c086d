import { mkdirSync, readFileSync, renameSync } from "node:fs";
import { request as requestInTheClear } from "node:http";
import { request as requestOverTls } from "node:https";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { selfSigned } from "../../apps/router/src/testing/self-signed.ts";
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

test("maintenance keeps users out until it is over", async () => {
  const place = { environment: "staging", service: "web" };
  await fairway.client.call("routerMaintenance", { ...place, message: "Back at ten" });
  expect(await statusOf("/")).toBe(503);
  await fairway.client.call("routerMaintenance", { ...place, message: null });
  expect(await statusOf("/")).toBe(200);
  const nowhere = fairway.client.call("routerMaintenance", { ...place, service: "shop", message: null });
  await expect(nowhere).rejects.toMatchObject({ code: "not_found" });
});
