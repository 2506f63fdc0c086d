import { readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Route } from "@fairway/api";
import { contract, requestHeader } from "@fairway/api";
import { exampleInput } from "../../apps/server/src/http/testing/example-input.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { refusal } from "./support/refusal.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

let fairway: Fairway;

beforeAll(async () => {
  fairway = await openFairway(webProject());
  assertEnded(await fairway.release(), "succeeded");
});

const nothingWasBegun = async (): Promise<void> => {
  await fairway.assertHealthy();
  expect(await fairway.client.call("runs", {})).toHaveLength(2);
};

afterEach(nothingWasBegun);

afterAll(() => fairway?.end());

interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends just these bytes; `fetch` would put some of them right. */
function send({
  method = "POST",
  path,
  body = "",
  headers = {},
}: Asked): Promise<{ readonly status: number; readonly answer: Record<string, unknown> }> {
  const { hostname, port } = new URL(fairway.client.url);
  const all = {
    "content-type": "application/json",
    [requestHeader]: "1",
    "content-length": String(Buffer.byteLength(body)),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const asking = request({ hostname, port, method, path, headers: all, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, answer: JSON.parse(text || "{}") as Record<string, unknown> }),
      );
    });
    asking.on("error", reject);
    asking.end(body);
  });
}

const releases = "/api/v1/releases";
const valid = JSON.stringify({ ref: "HEAD", by });

test.each<[why: string, asked: Asked, says: RegExp]>([
  ["no JSON", { path: releases, body: "{ref: HEAD" }, /JSON/i],
  ["half of a JSON", { path: releases, body: valid.slice(0, -1) }, /JSON/i],
  ["JSON that is no object", { path: releases, body: '["HEAD"]' }, /object/],
  ["null", { path: releases, body: "null" }, /by|object/],
  ["nothing", { path: releases }, /by|empty/i],
  ["a number for a name", { path: releases, body: '{"ref":7,"by":"ada"}' }, /ref.*string/],
  ["a word for a flag", { path: releases, body: '{"by":"ada","deploy":"yes"}' }, /deploy.*boolean/],
  ["a key that is not known", { path: releases, body: '{"by":"ada","depoly":true}' }, /depoly/],
  ["a prototype", { path: releases, body: '{"by":"ada","__proto__":{"deploy":false}}' }, /JSON/],
  ["an empty name of who asks", { path: releases, body: '{"by":""}' }, /by/],
  ["a name of 10 kB", { path: releases, body: JSON.stringify({ by: "x".repeat(10_000) }) }, /by.*120/],
  [
    "a body of 2 MB",
    { path: releases, body: JSON.stringify({ by, ref: "x".repeat(2_000_000) }) },
    /may have 1 MiB at most here/,
  ],
  [
    "another type of content",
    { path: releases, body: valid, headers: { "content-type": "text/plain" } },
    /media type|content/i,
  ],
  [
    "a form",
    { path: releases, body: "by=ada", headers: { "content-type": "application/x-www-form-urlencoded" } },
    /media type|content/i,
  ],
  [
    "no header that only we set",
    { path: releases, body: valid, headers: { [requestHeader]: "0" } },
    new RegExp(requestHeader),
  ],
  [
    "the name of another machine",
    { path: releases, body: valid, headers: { host: "evil.example:80" } },
    /evil\.example/,
  ],
  [
    "the name of another machine that begins like ours",
    { path: releases, body: valid, headers: { host: "127.0.0.1.evil.example" } },
    /evil\.example/,
  ],
  ["a run that is no name of a run", { method: "GET", path: "/api/v1/runs/17" }, /run-17/],
  ["a run with a path in it", { method: "GET", path: "/api/v1/runs/..%2f..%2fetc" }, /run/],
  ["a limit that is no number", { method: "GET", path: "/api/v1/runs?limit=many" }, /limit/],
  ["a limit beyond all bounds", { method: "GET", path: "/api/v1/runs?limit=1e9" }, /limit.*500/],
  ["a question twice", { method: "GET", path: "/api/v1/runs?active=true&active=false" }, /active/],
])("%s is a bad request that says what is wrong", async (_why, asked, says) => {
  const { status, answer } = await send(asked);
  expect([status, answer["code"]]).toEqual([400, "bad_request"]);
  expect(answer["message"]).toMatch(says);
});

test.each([
  "/api/v1/nothing",
  "/api/v2/status",
  "/API/v1/status",
  "/api/v1/status/",
  "//api/v1/status",
  "/api/v1//status",
  "/api/v1/../v1/status",
  "/api/v1/%2e%2e/v1/status",
  "/api/v1/status%00",
  "/api/v1/status;x=1",
  "/favicon.ico",
])("there is nothing at %s", async (path) => {
  const { status, answer } = await send({ method: "GET", path });
  expect([status, answer["code"]]).toEqual([404, "not_found"]);
  expect(answer["message"]).toContain(path);
});

test("a path that is no text, and one of 20 kB, are refused and do no harm", async () => {
  expect((await send({ method: "GET", path: "/api/v1/runs/%ff" })).status).toBe(400);
  expect([400, 404, 414, 431]).toContain((await send({ method: "GET", path: `/api/v1/${"x".repeat(20_000)}` })).status);
});

test("a known path with another method is not there", async () => {
  for (const method of ["DELETE", "PUT", "PATCH"])
    expect((await send({ method, path: "/api/v1/status", body: "{}" })).status).toBe(404);
});

test("names that do not exist are not found, by their name", async () => {
  const call = fairway.client.call;
  const cases: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["moon", () => call("plan", { environment: "moon" })],
    ["moon", () => call("plan", { environment: "moon", release: "r1" })],
    ["moon", () => call("deploy", { environment: "moon", by })],
    ["moon", () => call("deploy", { environment: "moon", promote: true, by })],
    ["moon", () => call("rollback", { environment: "moon", by })],
    ["moon", () => call("lock", { environment: "moon", by, reason: "dark" })],
    ["moon", () => call("unlock", { environment: "moon", by })],
    ["r99", () => call("release", { release: "r99" })],
    ["r99", () => call("plan", { environment: "staging", release: "r99" })],
    ["r99", () => call("deploy", { environment: "staging", release: "r99", by })],
    ["'; drop table runs", () => call("release", { release: "'; drop table runs" })],
    ["run-99", () => call("run", { run: "run-99" })],
    ["run-99", () => call("cancel", { run: "run-99", by })],
    ["run-99", () => call("retry", { run: "run-99", by })],
    ["run-99", () => call("approve", { run: "run-99", by, answer: "yes", digest: "sha256:0" })],
    ["run-99999999999999999999", () => call("run", { run: "run-99999999999999999999" })],
    ["no-such-service", () => first(fairway.client.stream("logs", { service: "no-such-service" }))],
    ["run-99", () => first(fairway.client.stream("logs", { run: "run-99" }))],
  ];
  for (const [name, asked] of cases) {
    const { code, message } = await refusal(asked());
    expect([name, code, message]).toEqual([name, "not_found", expect.stringContaining(name)]);
  }
});

const first = async (lines: AsyncGenerator<unknown>): Promise<unknown> => (await lines.next()).value;

test("what is there but not possible now is refused with the reason", async () => {
  const { client } = fairway;
  const [deployment] = await client.call("runs", {});
  const id = deployment?.id ?? "";
  for (const [asked, says] of [
    [() => client.call("cancel", { run: id, by }), `${id} has ended already: succeeded`],
    [() => client.call("retry", { run: id, by }), `${id} has succeeded; there is nothing to retry`],
    [
      () => client.call("approve", { run: id, by, answer: "yes", digest: "sha256:0" }),
      `${id} has ended already: succeeded`,
    ],
    [
      () => client.call("deploy", { environment: "staging", promote: true, by }),
      "staging takes from no other environment",
    ],
    [() => client.call("rollback", { environment: "staging", by }), "staging has no earlier release to go back to"],
  ] as const) {
    const { code, message } = await refusal(asked());
    expect([code, message]).toEqual(["not_allowed_now", says]);
  }
});

/** All but what would end the daemon, or have everybody log in. */
const asked = (Object.entries(contract) as [string, Route][]).filter(
  ([name]) => !["shutdown", "setUp", "addPerson"].includes(name),
);

test("no field of any operation is read as the name of a file", async () => {
  const canary = join(fairway.place, "canary");
  const inside = "what only this file says";
  await writeFile(canary, inside);
  const spellings = [`@${canary}`, `file://${canary}`];
  const told: string[] = [];
  for (const [at, [name, route]] of asked.entries()) {
    const words = spellings[at % 2] ?? "";
    const { query, body } = exampleInput(route, { allTexts: true });
    const path = route.path.replaceAll(/:\w+/gu, () => encodeURIComponent(words));
    const answer = await fetch(
      `${fairway.client.url}${path}?${new URLSearchParams(withWords(words, query) as Record<string, string>)}`,
      {
        method: route.method,
        headers: { accept: "application/json", [requestHeader]: "1", "content-type": "application/json" },
        ...(route.method === "GET" ? {} : { body: JSON.stringify(withWords(words, body)) }),
      },
    );
    const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream") === true;
    const said = isStream ? "" : await answer.text();
    if (isStream) await answer.body?.cancel();
    if (said.includes(inside) || answer.status >= 500) told.push(`${name}: ${answer.status} ${said.slice(0, 300)}`);
  }
  expect(told).toEqual([]);
  expect(await readFile(join(fairway.data, "daemon.log"), "utf8")).not.toContain(inside);
}, 120_000);

/** What a route takes, with these words wherever a text stands. */
function withWords(words: string, value: unknown): unknown {
  if (typeof value === "string") return words;
  if (Array.isArray(value)) return value.map((item) => withWords(words, item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withWords(words, item)]));
}

test("a stream whose reader leaves at once leaves nothing behind", async () => {
  for (let time = 0; time < 20; time++) {
    const leave = new AbortController();
    const events = fairway.client.stream("events", { after: 0 }, leave.signal);
    await events.next();
    leave.abort();
    await events.return();
  }
});
