import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { httpToolPaths } from "../../../../tools/http-tool-paths.mjs";
import { needs } from "../../../../tools/skips.ts";
import { settingsOf } from "./live-ask.ts";
import { runHttpFiles, testsIn } from "./run-http-files.ts";

const asked: { readonly url: string; readonly headers: IncomingHttpHeaders }[] = [];
const server = createServer((request, response) => {
  asked.push({ url: request.url ?? "", headers: request.headers });
  if (request.url === "/out") return void response.writeHead(302, { location: "http://169.254.169.254/latest" }).end();
  response.writeHead(request.url === "/products" ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify([{ name: "Bread" }]));
});
const folder = mkdtempSync(join(tmpdir(), "fairway-http-files-"));
let env: Record<string, string>;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A name that not every system's resolver knows.
  const SHOP_URL = `http://shop.localhost:${(server.address() as AddressInfo).port}`;
  env = { SHOP_URL, KEY: "k3y", FAIRWAY_RELEASE: "r7", GIT_SHA: "abc" };
});
beforeEach(() => {
  vi.stubEnv("PATH", [...httpToolPaths, process.env["PATH"]].join(delimiter));
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
});
afterEach(() => void vi.unstubAllEnvs());
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

function run(name: string, text: string): ReturnType<typeof runHttpFiles> {
  writeFileSync(join(folder, name), text);
  asked.length = 0;
  return runHttpFiles({ words: [name], options: {}, keep: null, settings: settingsOf(env) }, folder);
}

const header = (name: string): readonly unknown[] => asked.map(({ headers }) => headers[name]);

test("a program that a signal ended has not passed, whatever it had reported", async () => {
  const bin = mkdtempSync(join(folder, "bin-"));
  const report = '<testsuite><testcase name="first"/></testsuite>';
  writeFileSync(join(bin, "httpyac"), `#!/bin/sh\necho '${report}'\nkill -9 $$\n`, { mode: 0o755 });
  vi.stubEnv("PATH", [bin, process.env["PATH"]].join(delimiter));
  expect(await run("ended.http", "GET {{SHOP_URL}}/products\n")).toMatchObject({ status: "failed" });
});

describe.skipIf(!needs("httpyac"))(".http files", () => {
  test("are run with the variables of the environment and the release, and tell what failed", async () => {
    const report = await run(
      "shop.http",
      `### products
GET {{SHOP_URL}}/products
x-api-key: {{KEY}}

?? status == 200

### nothing
GET {{SHOP_URL}}/nothing

?? status == 200
`,
    );
    expect(report.tests.map(({ name, state }) => `${name} ${state}`)).toEqual([
      "products › status == 200 passed",
      "nothing › status == 200 failed",
    ]);
    expect(report.status).toBe("failed");
    expect(header("x-api-key")[0]).toBe("k3y");
    expect(header("x-fairway-release")).toEqual(["r7", "r7"]);
    expect(header("x-request-id")).toEqual(report.tests.map(({ requestId }) => requestId));
  });

  test("reach no address where machines keep credentials, also not by a redirect", async () => {
    const report = await run("out.http", "### out\nGET {{SHOP_URL}}/out\n\n?? status == 200\n");
    expect(report.status).toBe("failed");
    expect(header("host")).toHaveLength(1);
  });

  test("that ask nothing say nothing", async () => {
    expect(await run("none.http", "")).toMatchObject({ status: "no-data", summary: "none.http asked nothing" });
  });
});

describe.skipIf(!needs("hurl"))("Hurl files", () => {
  test("are run with the variables of the environment and the release, and tell what failed", async () => {
    const report = await run(
      "shop.hurl",
      'GET {{SHOP_URL}}/products\nx-api-key: {{KEY}}\nHTTP 200\n[Asserts]\njsonpath "$[0].name" == "Bread"\n',
    );
    expect(report).toMatchObject({ status: "passed" });
    expect(header("x-api-key")).toEqual(["k3y"]);
    expect(header("x-fairway-release")).toEqual(["r7"]);
    const failed = await run("bad.hurl", "GET {{SHOP_URL}}/nothing\nHTTP 200\n");
    expect(failed.status).toBe("failed");
    expect(failed.tests[0]?.message).toContain("404");
    expect(header("x-request-id")).toEqual(failed.tests.map(({ requestId }) => requestId));
  });

  test("reach no address where machines keep credentials, and broken ones are refused with their place", async () => {
    const report = await run("out.hurl", "GET {{SHOP_URL}}/out\n[Options]\nlocation: true\nHTTP 200\n");
    expect(report.status).toBe("failed");
    await expect(run("broken.hurl", "GET\n")).rejects.toThrow(/broken\.hurl:1:/u);
  });
});

test("a program that is not there is named, with how it is had", async () => {
  vi.stubEnv("PATH", folder);
  await expect(run("shop.hurl", "GET x\n")).rejects.toMatchObject({
    code: "not_found",
    message: "hurl is not installed here, which runs such files",
  });
});

test("a report of tests is read with what failed, was skipped and broke", () => {
  const tests = testsIn(
    '<testsuites><testsuite name="a"><testcase name="one" time="0.5"/><testcase classname="c" name="two"><failure message="no">more</failure></testcase><testcase name="three"><skipped/></testcase><testcase name="four"><error message="broke"/></testcase></testsuite></testsuites>',
  );
  expect(tests.map(({ name, state, took, message }) => [name, state, took, message])).toEqual([
    ["one", "passed", 500, null],
    ["c › two", "failed", 0, "no\nmore"],
    ["three", "skipped", 0, null],
    ["four", "failed", 0, "broke"],
  ]);
});
