import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDashboard } from "./dashboard-pages.ts";
import type { AppUnderTest } from "./testing/app-under-test.ts";
import { appUnderTest } from "./testing/app-under-test.ts";

const folder = mkdtempSync(join(tmpdir(), "fairway-pages-"));
let under: AppUnderTest;
beforeAll(() => {
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "assets/app.js"), "");
  writeFileSync(join(folder, "index.html"), '<html><head><base href="/" /></head></html>');
  under = appUnderTest({ dashboard: openDashboard(folder) });
});
afterAll(() => rmSync(folder, { recursive: true }));

const statusOf = async (url: string): Promise<number> =>
  (await under.app.inject({ url, headers: { host: "localhost", accept: "text/html" } })).statusCode;

test.each([
  "/",
  "/deployments/run-7",
  "/duties/drill%2Fdatabase",
  "/duties/credential%2Faws@staging:rotate?release=r2",
])("%s is a page, also when it is loaded anew", async (url) => {
  expect(await statusOf(url)).toBe(200);
});

test.each(["/api/v1/nothing", "/metrics/nothing", "/duties/%zz"])("%s is none", async (url) => {
  expect(await statusOf(url)).toBeGreaterThanOrEqual(400);
});
