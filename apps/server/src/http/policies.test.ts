import { request } from "node:http";
import { requestHeader } from "@fairway/api";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { LightMyRequestResponse } from "fastify";
import { appUnderTest, callerFor, streams } from "./testing/app-under-test.ts";
import { cookieName, sessionCookie, sessionSecretOf } from "./session-cookie.ts";

const everywhere = { project: null, environment: null };
const admin = callerFor({ grants: [{ role: "admin", ...everywhere }] });
const under = appUnderTest();
under.known.set("admin", admin);
under.known.set("page", callerFor({ grants: [{ role: "admin", ...everywhere }], by: "cookie" }));
under.known.set("ci", callerFor({ grants: [{ role: "admin", ...everywhere }], by: "token" }));
afterAll(() => under.app.close());
beforeEach(() => void under.reached());

type Headers = Readonly<Record<string, string>>;
const get = (url: string, headers: Headers = {}): Promise<LightMyRequestResponse> =>
  under.app.inject({ method: "GET", url, headers: { host: "localhost", ...headers } });
const unlock = (headers: Headers, body: object = { by: "mallory" }): Promise<LightMyRequestResponse> =>
  under.app.inject({
    method: "POST",
    url: "/api/v1/environments/staging/unlock",
    headers: { host: "localhost", [requestHeader]: "1", ...headers },
    payload: body,
  });

describe("the start", () => {
  test("is refused for a route without a policy, whoever adds it and however", () => {
    for (const config of [{}, { operation: "mine" }])
      expect(() => appUnderTest({ pages: (app) => void app.get("/mine", { config }, async () => "mine") })).toThrow(
        "the route GET /mine has no policy",
      );
    expect(() => appUnderTest({ pages: (app) => void app.all("/*", async () => "all") })).toThrow("has no policy");
  });
});

describe("paths", () => {
  // Through a socket: what stands in for one puts paths right on the way.
  let port = 0;
  beforeAll(async () => {
    port = Number(new URL(await under.app.listen({ host: "127.0.0.1", port: 0 })).port);
  });
  const statusOf = (path: string): Promise<number> =>
    new Promise((resolve, reject) => {
      request({ host: "127.0.0.1", port, path, agent: false }, (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode ?? 0));
      })
        .on("error", reject)
        .end();
    });
  const targets = ["/api/v1/status", "/api/v1/people", "/api/v1/logs", "/metrics", "/openapi.json"];
  const escaped = (text: string): string =>
    text.replaceAll(/./gs, (letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, "0")}`);
  const twist = fc.constantFrom<(path: string, place: number) => string>(
    (path) => path,
    (path, place) => path.slice(0, place) + escaped(path[place] ?? "") + path.slice(place + 1),
    (path, place) => path.slice(0, place) + escaped(path[place] ?? "").toUpperCase() + path.slice(place + 1),
    (path, place) => path.slice(0, place) + escaped(escaped(path[place] ?? "")) + path.slice(place + 1),
    (path, place) => `${path.slice(0, place)}/${path.slice(place)}`,
    (path, place) => `${path.slice(0, place)}/./${path.slice(place)}`,
    (path, place) => `${path.slice(0, place)}/x/..${path.slice(place)}`,
    (path, place) => `${path.slice(0, place)}%2e%2e%2f${path.slice(place)}`,
    (path, place) => `${path.slice(0, place)}%00${path.slice(place)}`,
    (path, place) => `${path.slice(0, place)};x=/livez${path.slice(place)}`,
    (path, place) => path.slice(0, place) + (path[place] ?? "").toUpperCase() + path.slice(place + 1),
    (path) => `${path}/`,
    (path) => `/livez/..${path}`,
    (path) => path.replaceAll("/", "\\"),
    (path) => path.replaceAll("/", "%2f"),
    (path) => `${path}?/livez`,
    (path) => path.replace("s", "%C5%BF"),
    (path) => path.replace("i", "%C4%B1"),
  );

  test("spelt in any way reach nothing without a login, and nothing that they do not name", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...targets),
        fc.array(twist, { maxLength: 4 }),
        fc.nat(20),
        async (target, twists, place) => {
          const path = twists.reduce((now, one) => one(now, place % now.length), target);
          const statusCode = await statusOf(path);
          expect([400, 401, 404, 414]).toContain(statusCode);
          expect(under.reached()).toEqual([]);
        },
      ),
      { numRuns: Number(process.env["FAIRWAY_FUZZ"] ?? 200) },
    );
  });
});

describe("headers", () => {
  const value = fc
    .string({ unit: "binary-ascii", maxLength: 60 })
    .map((text) => text.replaceAll(/[^\t\x20-\x7e]/g, ""));
  const name = fc.constantFrom(
    ...[
      "authorization",
      "cookie",
      "x-forwarded-for",
      "x-forwarded-user",
      "x-webauth-user",
      "x-remote-user",
      "remote-user",
    ],
    ...["x-original-url", "x-rewrite-url", "x-http-method-override", "forwarded", "x-real-ip", "x-api-key", "origin"],
  );
  const near = fc.constantFrom(
    "Bearer ",
    "bearer",
    "Basic YWRtaW46",
    "Bearer admin,",
    "admin",
    "Bearer  admin",
    "Bearer\tadmin",
    "Bearer admin x",
  );

  test("of any kind let in nobody but who brings what was given to them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, fc.oneof(value, near)), async (headers) => {
        fc.pre(headers["authorization"]?.trim().toLowerCase() !== "bearer admin");
        const { statusCode } = await get("/api/v1/status", headers);
        expect([400, 401]).toContain(statusCode);
        expect(under.reached()).toEqual([]);
      }),
      { numRuns: Number(process.env["FAIRWAY_FUZZ"] ?? 200) },
    );
  });

  test("name no other person than the one who is known", async () => {
    expect((await unlock({ authorization: "Bearer admin" })).statusCode).toBe(200);
    expect((await unlock({ authorization: "Bearer ci" })).statusCode).toBe(200);
    expect(under.reached()).toEqual([
      { operation: "unlock", by: "dana", actor: "dana" },
      { operation: "unlock", by: "ci (token of dana)", actor: "ci" },
    ]);
    const made = await unlock({ authorization: "Bearer admin" }, { by: "x", userId: "u2", role: "admin" });
    expect(made.statusCode).toBe(400);
  });

  test("that are refused say how to come in, and are kept by nobody", async () => {
    const { headers, statusCode } = await get("/api/v1/status");
    expect([statusCode, headers["www-authenticate"], headers["cache-control"]]).toEqual([
      401,
      'Bearer realm="fairway"',
      "no-store",
    ]);
  });
});

describe("a cookie", () => {
  const cookie = `${cookieName}=page`;
  const origin = "http://localhost";

  test.each<[string, Headers, number]>([
    ["from no page at all", { cookie }, 403],
    ["from a page of somebody else", { cookie, origin: "https://evil.example" }, 403],
    ["from a page without an origin", { cookie, origin: "null" }, 403],
    ["from another port of this machine", { cookie, origin: "http://localhost:8080" }, 403],
    ["from a page of another site that says ours", { cookie, origin, "sec-fetch-site": "cross-site" }, 403],
    ["without the header that pages cannot send", { cookie, origin, [requestHeader]: "" }, 400],
    ["from our own page", { cookie, origin, "sec-fetch-site": "same-origin" }, 200],
  ])("%s: a change", async (_whence, headers, status) => {
    expect((await unlock(headers)).statusCode).toBe(status);
    expect(under.reached()).toHaveLength(status === 200 ? 1 : 0);
  });

  test("shows nothing to pages of others, neither answers nor streams", async () => {
    for (const url of ["/api/v1/status", "/api/v1/events"])
      expect((await get(url, { cookie, origin: "https://evil.example" })).statusCode).toBe(403);
    expect((await get("/api/v1/status", { cookie })).statusCode).toBe(200);
  });

  test("is read back as it was set, and one that is there twice is nobody's", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^fw_web_[0-9A-Za-z]{36}$/),
        fc.array(fc.constantFrom("a=b", " x=1; y=2", "=", ";"), { maxLength: 3 }),
        (secret, others) => {
          const sent = sessionCookie(secret, 1000).split(";")[0] ?? "";
          expect(sessionSecretOf([...others, sent].join("; "))).toBe(secret);
          expect(sessionSecretOf(`${sent}; ${sent}`)).toBe("");
        },
      ),
    );
    fc.assert(fc.property(fc.string(), (header) => typeof (sessionSecretOf(header) ?? "") === "string"));
    expect(sessionSecretOf(undefined)).toBeNull();
  });
});

describe("a daemon that is known by a public name", () => {
  const elsewhere = appUnderTest({ names: { publicUrl: "https://fairway.example.com" } });
  afterAll(() => elsewhere.app.close());
  const ask = async (url: string, host: string): Promise<number> =>
    (await elsewhere.app.inject({ method: "GET", url, headers: { host, authorization: "Bearer admin" } })).statusCode;
  elsewhere.known.set("admin", admin);

  test("answers under it and under this machine's own names, and under no other", async () => {
    expect(await ask("/api/v1/status", "fairway.example.com")).toBe(200);
    expect(await ask("/api/v1/status", "localhost:7300")).toBe(200);
    for (const host of ["evil.example", "fairway.example.com.evil.example", "127.0.0.1.nip.io", "xfairway.example.com"])
      expect(await ask("/api/v1/status", host)).toBe(400);
  });

  test("answers a probe that knows only its address", async () => {
    expect([await ask("/livez", "10.0.0.7:7443"), await ask("/readyz", "10.0.0.7:7443")]).toEqual([200, 200]);
    expect(await ask("/metrics", "10.0.0.7:7443")).toBe(400);
  });
});

describe("where nobody logs in", () => {
  const local = appUnderTest({ login: false });
  afterAll(() => local.app.close());

  test("whoever asks may do everything, under the name that they say", async () => {
    const answer = await local.app.inject({
      method: "POST",
      url: "/api/v1/environments/staging/unlock",
      headers: { host: "localhost", [requestHeader]: "1" },
      payload: { by: "ada" },
    });
    expect(answer.statusCode).toBe(200);
    expect(local.reached()).toEqual([{ operation: "unlock", by: "ada", actor: "ada" }]);
  });

  test("a token that opens nothing is refused all the same", async () => {
    const { statusCode } = await local.app.inject({
      method: "GET",
      url: "/api/v1/status",
      headers: { host: "localhost", authorization: "Bearer fw_pat_made-up" },
    });
    expect(statusCode).toBe(401);
  });
});

test("a stream ends with the refusal when its reader loses what they were allowed", async () => {
  streams.open = true;
  try {
    const reading = get("/api/v1/events", { authorization: "Bearer admin" });
    while (under.reached().length === 0) await new Promise((resolve) => setImmediate(resolve));
    under.change();
    under.known.delete("admin");
    under.change();
    const ended = await reading;
    expect(ended.body).toContain('event: problem\ndata: {"code":"unauthenticated"');
  } finally {
    streams.open = false;
    under.known.set("admin", admin);
  }
});
