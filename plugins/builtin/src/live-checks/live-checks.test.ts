import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LiveAsk } from "./live-ask.ts";
import { settingsOf } from "./live-ask.ts";
import { runCollection } from "./run-collection.ts";
import { runJourney } from "./run-journey.ts";
import { runLoad } from "./run-load.ts";
import { runSmoke } from "./run-smoke.ts";

const sha = "3f2a1bc9".repeat(5);
const asked: { readonly url: string; readonly headers: IncomingMessage["headers"] }[] = [];

const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  const url = request.url ?? "";
  asked.push({ url, headers: request.headers });
  const json = (status: number, value: unknown, headers: Record<string, string> = {}): void =>
    void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
  if (url === "/products") return json(200, [{ id: "p1", name: "Bread" }]);
  if (url === "/login") return json(200, { token: "abc" }, { "set-cookie": "session=s1; Path=/; HttpOnly" });
  if (url === "/orders") return json(request.headers.cookie === "session=s1" ? 201 : 401, { id: 7 });
  if (url === "/round") return void response.writeHead(302, { location: "/round" }).end();
  if (url === "/out") return void response.writeHead(302, { location: "http://169.254.169.254/latest" }).end();
  if (url === "/huge") return endless(response);
  if (url === "/healthz") return json(200, { gitSha: sha.slice(0, 7) });
  if (url === "/echo") return json(200, { headers: request.headers, url });
  return json(404, { error: "nothing here", password: "hunter2" });
});

/** A gigabyte, as long as somebody reads. */
function endless(response: ServerResponse): void {
  const chunk = Buffer.alloc(256 * 1024);
  let left = 4096;
  const write = (): void => {
    while (left-- > 0) if (!response.write(chunk)) return void response.once("drain", write);
    response.end();
  };
  response.on("error", () => (left = 0));
  write();
}

const folder = mkdtempSync(join(tmpdir(), "fairway-live-"));
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

function written(path: string, text: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const ask = (words: readonly string[], more: Partial<LiveAsk> = {}, env: Record<string, string> = {}): LiveAsk => ({
  words,
  options: {},
  keep: null,
  ...more,
  settings: settingsOf({
    FAIRWAY_URL: url,
    FAIRWAY_RELEASE: "r7",
    FAIRWAY_ENVIRONMENT: "staging",
    GIT_SHA: sha,
    ...env,
  }),
});

test("a journey goes from step to step with cookies and what it saved, and each request bears the release", async () => {
  const file = written(
    "well.yaml",
    `name: buying
steps:
  - { name: look, get: /products, expect: { status: 200, json: { 0.name: Bread }, within: 60s }, save: { ID: "json: 0.id" } }
  - { name: log in, post: /login, json: { user: ana } }
  - { name: buy, post: /orders, json: { product: "{{ID}}" }, expect: { status: 201 } }
`,
  );
  asked.length = 0;
  const report = await runJourney(ask([file]));
  expect(report).toMatchObject({ status: "passed", summary: "buying: 3 tests passed" });
  expect(asked.map((one) => one.headers["x-fairway-release"])).toEqual(["r7", "r7", "r7"]);
  expect(report.tests.map(({ requestId }) => requestId)).toEqual(asked.map((one) => one.headers["x-request-id"]));
});

test("what fails is told with its exchange and without what is secret, and later steps are not made", async () => {
  const file = written(
    "bad.json",
    JSON.stringify({
      steps: [
        { name: "ask", get: "/nowhere?token=t0p", headers: { authorization: "Bearer t0p" }, expect: { status: 200 } },
        { name: "then", get: "/products" },
      ],
    }),
  );
  const report = await runJourney(ask([file]));
  expect(report.status).toBe("failed");
  expect(report.tests.map(({ state }) => state)).toEqual(["failed", "skipped"]);
  expect(report.tests[0]?.exchange).toContain("HTTP 404");
  expect(report.tests[0]?.exchange).toContain("nothing here");
  expect(JSON.stringify(report)).not.toMatch(/t0p|hunter2/u);
});

test("redirects without end, an answer without end and an address of credentials are refused", async () => {
  const problems = await Promise.all(
    ["/round", "/huge", "/out"].map(async (path) => {
      const file = written(`refused${path}.yaml`, `steps: [{ get: ${path} }]`);
      return (await runJourney(ask([file]))).tests[0]?.message;
    }),
  );
  expect(problems).toEqual([
    expect.stringContaining("more than 10 redirects"),
    expect.stringContaining("longer than"),
    expect.stringContaining("refused"),
  ]);
});

test("a journey that is none is refused with its place", async () => {
  const broken = written("broken.yaml", "steps:\n  - { name: a, fetch: / }\n");
  await expect(runJourney(ask([broken]))).rejects.toThrow(/broken\.yaml:2:\d+: .*fetch/u);
  const two = written("two.yaml", "steps:\n  - { get: /, post: / }\n");
  await expect(runJourney(ask([two]))).rejects.toThrow("a step asks one thing");
});

const collection = (items: readonly object[]): string =>
  JSON.stringify({
    info: { name: "Shop", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
    item: items,
  });
const item = (name: string, path: string, script: string): object => ({
  name,
  request: { method: "GET", url: `{{baseUrl}}${path}`, header: [{ key: "x-api-key", value: "{{KEY}}" }] },
  event: [{ listen: "test", script: { exec: [script] } }],
});

test("a collection of the format 2.1 is run, and a failed assertion is told with its request id and exchange", async () => {
  const file = written(
    "shop.json",
    collection([
      item("Products", "/products", "pm.test('is there', () => pm.response.to.have.status(200));"),
      item("Nothing", "/nothing", "pm.test('is there', () => pm.response.to.have.status(200));"),
    ]),
  );
  asked.length = 0;
  const report = await runCollection(ask([file], {}, { KEY: "k3y" }));
  expect(report.status).toBe("failed");
  expect(report.tests.map(({ name, state }) => `${name} ${state}`)).toEqual([
    "Products: is there passed",
    "Nothing: is there failed",
  ]);
  expect(asked[0]?.headers).toMatchObject({ "x-api-key": "k3y", "x-fairway-release": "r7" });
  expect(report.tests[1]).toMatchObject({ message: "expected response to have status code 200 but got 404" });
  expect(report.tests[1]?.requestId).toBe(asked[1]?.headers["x-request-id"]);
  expect(report.tests[1]?.exchange).toContain("HTTP 404");
  expect(JSON.stringify(report)).not.toContain("k3y");
});

test("a collection reaches no address of credentials, follows no redirect without end and reads no answer without end", async () => {
  const file = written(
    "away.json",
    collection(["/out", "/round", "/huge"].map((path) => ({ name: path, request: `{{baseUrl}}${path}` }))),
  );
  const report = await runCollection(ask([file]));
  expect(report.tests.map(({ state }) => state)).toEqual(["failed", "failed", "failed"]);
});

test("broken collections and those of old formats are refused with place and what to do", async () => {
  const broken = written("broken.json", '{\n  "info": {},\n  "item": [}\n');
  await expect(runCollection(ask([broken]))).rejects.toThrow(/broken\.json:3:\d+: it is no JSON/u);
  await expect(runCollection(ask([written("other.json", "[]")]))).rejects.toThrow("no collection of Postman");
  const old = JSON.stringify({
    info: { schema: "https://schema.getpostman.com/json/collection/v2.0.0/collection.json" },
    item: [],
  });
  await expect(runCollection(ask([written("old.json", old)]))).rejects.toThrow("v2.0.0");
});

test("a collection of the format 3 is run from its folder, in its order, with the scripts of the whole", async () => {
  written(
    "v3/Shop/.resources/definition.yaml",
    "$kind: collection\nname: Shop\nvariables:\n  - { key: first, value: p1 }\nscripts:\n  - type: http:afterResponse\n    language: text/javascript\n    code: pm.test('is JSON', () => pm.response.to.be.json);\n",
  );
  written(
    "v3/Shop/B.request.yaml",
    "$kind: http-request\nname: Login\norder: 2000\nmethod: POST\nurl: '{{baseUrl}}/login'\nheaders:\n  - { key: x-one, value: '1' }\nbody:\n  type: json\n  content: '{\"user\":\"ana\"}'\nscripts:\n  - type: afterResponse\n    language: text/javascript\n    code: |-\n      pm.test('has a token', () => pm.expect(pm.response.json().token).to.eql('abc'));\n",
  );
  written("v3/Shop/C.request.yaml", "$kind: http-request\norder: 1000\nmethod: GET\nurl: '{{baseUrl}}/products'\n");
  const report = await runCollection(ask([join(folder, "v3/Shop")]));
  expect(report.tests.map(({ name, state }) => `${name} ${state}`)).toEqual([
    "C: is JSON passed",
    "Login: is JSON passed",
    "Login: has a token passed",
  ]);
});

test("what is not supported of the format 3 is refused by its name and place", async () => {
  const refused = async (name: string, text: string): Promise<unknown> => {
    written(`${name}/A.request.yaml`, text);
    return runCollection(ask([join(folder, name)])).catch((thrown: Error) => thrown.message);
  };
  expect(await refused("grpc", "$kind: grpc-request\nurl: x\n")).toMatch(
    /A\.request\.yaml:1:8: requests of the kind grpc-request/u,
  );
  expect(await refused("more", "url: x\nfoo: 1\n")).toMatch(/A\.request\.yaml:2:6: "foo" is not supported/u);
  expect(await refused("auth", "url: x\nauth: { type: oauth2 }\n")).toContain(
    "the authorization oauth2 is not supported",
  );
  expect(await refused("yaml", "url: [\n")).toMatch(/A\.request\.yaml:\d+:\d+: it is no YAML/u);
});

test("every replica must answer with the commit of the release", async () => {
  const replicas = (path: string): Record<string, string> => ({
    FAIRWAY_REPLICAS: JSON.stringify([{ service: "api", replica: "api.0", url, path }]),
  });
  expect(await runSmoke(ask([], {}, replicas("/healthz")))).toMatchObject({ status: "passed" });
  expect(await runSmoke(ask([], { options: { field: "gitSha" } }, replicas("/healthz")))).toMatchObject({
    status: "passed",
  });
  const wrong = { ...replicas("/healthz"), GIT_SHA: "a".repeat(40) };
  expect((await runSmoke(ask([], { options: { field: "gitSha" } }, wrong))).tests[0]?.message).toContain(
    "and not aaaaaaaaaaaa",
  );
  expect((await runSmoke(ask([], {}, replicas("/products")))).tests[0]?.message).toContain("does not say");
  expect((await runSmoke(ask([], {}, replicas("/nothing")))).tests[0]?.message).toBe("it answered with 404");
  expect(await runSmoke(ask([]))).toMatchObject({ status: "no-data" });
});

test("a replica that says what it was asked does not pass for one that says its commit", async () => {
  const replicas = JSON.stringify([{ service: "api", replica: "api.0", url, path: "/echo" }]);
  const report = await runSmoke(ask([], {}, { FAIRWAY_REPLICAS: replicas }));
  expect(report.tests[0]?.message).toContain("does not say");
});

test("a load is held to its limits", async () => {
  const report = await runLoad(
    ask([], { options: { path: "/products", duration: "1000", connections: "2", p99: "60000" } }),
  );
  expect(report).toMatchObject({ status: "passed", figures: { errors: 0 } });
});

test("a load of a path that is not there is no fast answer but errors", async () => {
  const report = await runLoad(ask([], { options: { path: "/nowhere", duration: "1000", connections: "1" } }));
  expect(report).toMatchObject({ status: "failed", figures: { errors: 100 } });
});

test("secrets in a HAR's headers and bodies are hidden", async () => {
  const { hiddenHar } = await import("./hidden-har.ts");
  const part = { headers: [{ name: "Cookie", value: "s3" }], cookies: [{ name: "a", value: "s3" }], queryString: [] };
  const har = {
    log: { entries: [{ request: { ...part, url: `${url}/?token=s3`, postData: { text: "s3" } }, response: part }] },
  };
  expect(hiddenHar(JSON.stringify(har))).not.toContain("s3");
});

test("what lets somebody in by an address is hidden wherever a HAR has the address", async () => {
  const { hiddenHar } = await import("./hidden-har.ts");
  const names = ["session", "api_key", "X-Amz-Signature", "access_token"];
  for (const name of names)
    for (const address of [`https://shop.example/%ff?a=1&${name}=s3`, `/back?${name}=s3&a=1`, `/back#${name}=s3`]) {
      const headers = ["Location", "referer", ":path"].map((header) => ({ name: header, value: address }));
      const queryString = [
        { name, value: "s3" },
        { name: "a", value: "1" },
      ];
      const request = { headers, cookies: [], queryString, url: address };
      const har = { log: { entries: [{ request, response: { headers, cookies: [], redirectURL: address } }] } };
      const shown = hiddenHar(JSON.stringify(har));
      expect(shown).not.toContain("s3");
      expect(shown).toContain('{"name":"a","value":"1"}');
    }
});
