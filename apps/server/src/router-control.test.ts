import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LocalRouter } from "@fairway/builtin";
import { ensureRouter, localRouter } from "@fairway/builtin";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RouterControl } from "./router-control.ts";
import { routerControl } from "./router-control.ts";

const program = fileURLToPath(import.meta.resolve("@fairway/router/main"));
const root = mkdtempSync(join(tmpdir(), "fairway-control-"));
let traffic: LocalRouter;
let control: RouterControl;
let stop: () => Promise<void>;

beforeAll(async () => {
  const addresses = { publicAddress: "127.0.0.1:0", internalAddress: "127.0.0.1:0", tlsAddress: "127.0.0.1:0" };
  const router = await ensureRouter({ directory: root, ...addresses, program });
  traffic = localRouter({ directory: root });
  control = routerControl({ router, traffic });
  stop = () => router.stop();
});
afterAll(async () => {
  await stop();
  rmSync(root, { recursive: true });
});

test("maintenance is on the route until it is taken off, and needs a route", async () => {
  await expect(control.maintain("production/web", { message: "Later" })).rejects.toMatchObject({ code: "not_found" });
  const health = { path: "/", interval: 1000, timeout: 1000 };
  const web = { rules: [{ host: "*", path: "/" }], internalPath: "/production/web", health, groups: [], epoch: 1 };
  await traffic.write({ version: (await traffic.read()).version, routes: { "production/web": web } });
  await control.maintain("production/web", { message: "Later" });
  expect((await traffic.read()).routes["production/web"]).toEqual({ ...web, maintenance: { message: "Later" } });
  await control.maintain("production/web", null);
  expect((await traffic.read()).routes["production/web"]).toEqual(web);
});
