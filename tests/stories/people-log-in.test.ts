import { readFile, stat } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestHeader } from "@fairway/api";
import { createClient } from "@fairway/api/client";
import { needs } from "../../tools/skips.ts";
import type { Said, Seen } from "./support/command-line.ts";
import { commandLineWith, typedCommand } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { refusal } from "./support/refusal.ts";
import { webProject } from "./support/tiny-service.ts";

// The tests of this file tell one story, in their order: a daemon of one person becomes one of many.

let fairway: Fairway;
let session = "";
const passwords = { dana: "four words of dana's", vera: "four words of vera's" };

beforeAll(async () => {
  fairway = await openFairway(webProject());
});

afterAll(() => fairway?.end());

/** A command of somebody, with what they type. */
const say = (who: string, input: string, ...words: readonly string[]): Promise<Said> =>
  commandLineWith(
    { input, env: { XDG_CONFIG_HOME: join(fairway.place, who), NO_COLOR: "1" } },
    fairway.project.path,
    fairway.data,
    ...words,
  );
const loginsOf = (who: string): string => join(fairway.place, who, "fairway", "logins.json");
const tokenOf = async (who: string): Promise<string> =>
  Object.values(JSON.parse(await readFile(loginsOf(who), "utf8")) as Record<string, { token: string }>)[0]?.token ?? "";
const as = (token: string): Fairway["client"] => createClient(fairway.client.url, { token: () => token });

/** The status of just this request; `fetch` would put the path right. */
function statusOf(path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const { hostname, port } = new URL(fairway.client.url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers, agent: false }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    })
      .on("error", reject)
      .end();
  });
}

test("whoever is at the machine of a daemon without people may do everything, and needs no login", async () => {
  expect(await fairway.client.call("whoami", {})).toMatchObject({ login: false, kind: "person" });
  expect(await refusal(fairway.client.call("login", { name: "dana", password: "whatever it is" }))).toMatchObject({
    code: "unauthenticated",
  });
  expect(await refusal(as("fw_pat_made-up").call("status", {}))).toMatchObject({ code: "unauthenticated" });
});

test("the first person is an administrator, and from then on nobody comes in without a login", async () => {
  const short = await say("dana", "too short\n", "users", "add", "dana");
  expect([short.code, short.err]).toEqual([1, expect.stringContaining("at least 12 characters")]);
  const added = await say("dana", `${passwords.dana}\n`, "users", "add", "dana");
  expect([added.code, added.out]).toEqual([0, expect.stringContaining("dana may log in now as admin")]);
  const { code, err } = await say("dana", "", "status");
  expect([code, err]).toEqual([1, expect.stringContaining("fairway login")]);
});

test("a wrong password and an unknown name are refused in the same words", async () => {
  const wrong = await say("dana", "not her password at all\n", "login", "--user", "dana");
  const unknown = await say("dana", "not her password at all\n", "login", "--user", "nobody");
  expect(wrong.code).toBe(1);
  expect(unknown.err).toBe(wrong.err);
});

test("a login is kept where only its owner reads it, and holds for every command", async () => {
  const { code, out } = await say("dana", `${passwords.dana}\n`, "login", "--user", "DANA");
  expect([code, out]).toEqual([0, expect.stringContaining("as dana")]);
  expect((await stat(loginsOf("dana"))).mode & 0o777).toBe(0o600);
  session = await tokenOf("dana");
  fairway.actAs(session);
  expect((await say("dana", "", "status")).code).toBe(0);
  expect((await say("dana", "", "whoami")).out).toContain("admin everywhere");
});

test.skipIf(!needs("python3"))("whoever sits at a terminal is asked, and what they type is not shown", async () => {
  const env = { XDG_CONFIG_HOME: join(fairway.place, "typed"), NO_COLOR: "1" };
  const type = (answers: readonly (readonly [string, string])[], ...words: readonly string[]): Promise<Seen> =>
    typedCommand({ answers, env }, fairway.project.path, fairway.data, ...words);
  const wrong = await type([["Password of dana", "not her password at all"]], "login", "--user", "dana");
  expect([wrong.code, wrong.seen]).toEqual([1, expect.stringContaining("the name or the password is wrong")]);
  const right = [
    ["Your name", "dana"],
    ["Password of dana", passwords.dana],
  ] as const;
  const login = await type(right, "login");
  expect(login).toMatchObject({ code: 0, seen: expect.stringContaining("as dana"), unasked: 0 });
  const again = await type([["Password of dana", passwords.dana]], "login", "--again");
  expect(again).toMatchObject({ code: 0, seen: expect.stringContaining("15 minutes"), unasked: 0 });
  for (const { seen } of [wrong, login, again]) expect(seen).not.toMatch(/four words|not her password/);
});

test("the record names who logged in, whatever name the request gives", async () => {
  const { client } = fairway;
  const { lock } = await client.call("lock", { environment: "staging", by: "somebody else", reason: "stock-taking" });
  expect(lock).toMatchObject({ by: "dana" });
  await client.call("unlock", { environment: "staging", by });
});

test("no spelling of a path, no header and no cookie comes past the policy", async () => {
  const spellings = [
    ...["/api/v1/status", "/%61pi/v1/status", "/api%2Fv1/status", "//api/v1/status", "/api/v1//status"],
    ...["/api/v1/status/", "/API/v1/status", "/x/../api/v1/status", "/./api/v1/status", "/api/v1/status;x=/livez"],
    ...["/livez/../api/v1/status", "/livez%2F..%2Fapi/v1/status", "/api/v1/status?/livez", "/api\\v1\\status"],
    ...["/ap\u0130/v1/status", "/api/v1/st\u0430tus", "/%2561pi/v1/status", "/api/v1/status%00", "/api/v1/status%20"],
    ...[
      "/metrics",
      "/%6detrics",
      "/openapi.json",
      "/OPENAPI.JSON",
      "/ofrep/../api/v1/status",
      "/oidc/../api/v1/status",
    ],
  ];
  const found = await Promise.all(
    spellings.map(async (path) => [path, await statusOf(encodeURI(path).replaceAll("%25", "%"))]),
  );
  expect(found.filter(([, status]) => ![400, 401, 404].includes(status as number))).toEqual([]);
  const headers = [
    ...[{ "x-forwarded-for": "127.0.0.1" }, { "x-webauth-user": "dana" }, { "x-forwarded-user": "dana" }],
    ...[{ "x-original-url": "/livez" }, { "x-rewrite-url": "/livez" }, { authorization: "Basic ZGFuYTpkYW5h" }],
    ...[{ authorization: `Bearer ${session}x` }, { authorization: `Token ${session}` }, { authorization: session }],
    ...[{ cookie: `__Host-fairway=${session}` }, { cookie: `fairway=${session}` }, { cookie: "__Host-fairway=" }],
  ];
  const refused = await Promise.all(headers.map(async (sent) => statusOf("/api/v1/status", sent)));
  expect(refused).toEqual(headers.map(() => 401));
  expect(await statusOf(`/api/v1/status?token=${session}`)).toBe(401);
  expect([await statusOf("/livez"), await statusOf("/readyz")]).toEqual([200, 200]);
});

test("a browser's session is a cookie that only our own pages can use for a change", async () => {
  const ask = (path: string, headers: Readonly<Record<string, string>>, body: object): Promise<Response> =>
    fetch(`${fairway.client.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", [requestHeader]: "1", ...headers },
      body: JSON.stringify(body),
    });
  const begun = await ask("/api/v1/login", {}, { name: "dana", password: passwords.dana, as: "cookie" });
  expect(await begun.json()).toMatchObject({ name: "dana", token: null });
  const set = begun.headers.get("set-cookie") ?? "";
  expect(set).toMatch(/^__Host-fairway=fw_web_\w+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
  const cookie = set.split(";")[0] ?? "";
  const lock = ["/api/v1/environments/staging/lock", { by, reason: "a test" }] as const;
  const origin = fairway.client.url;
  const statuses = [
    await ask(lock[0], { cookie }, lock[1]),
    await ask(lock[0], { cookie, origin: "https://evil.example" }, lock[1]),
    await ask(lock[0], { cookie, origin, "sec-fetch-site": "cross-site" }, lock[1]),
    await ask(lock[0], { cookie: `${cookie}; ${cookie}`, origin }, lock[1]),
    await ask(lock[0], { authorization: `Bearer ${cookie.split("=")[1] ?? ""}` }, lock[1]),
    await ask(lock[0], { cookie, origin }, lock[1]),
    await ask("/api/v1/environments/staging/unlock", { cookie, origin }, { by }),
    await ask("/api/v1/logout", { cookie, origin }, {}),
    await ask("/api/v1/environments/staging/unlock", { cookie, origin }, { by }),
  ].map(({ status }) => status);
  expect(statuses).toEqual([403, 403, 403, 401, 401, 200, 200, 200, 401]);
});

test("a token does what it was made for and no more, until it is revoked", async () => {
  const { code, out, err } = await say("dana", "", "tokens", "create", "look", "--env", "staging");
  expect([code, out, err]).toEqual([
    0,
    expect.stringMatching(/^fw_pat_\w{36}\n$/),
    expect.stringContaining("shown this once"),
  ]);
  const token = as(out.trim());
  expect(
    await token.call("rollbackPlan", { environment: "staging" }).catch((thrown: unknown) => thrown),
  ).not.toMatchObject({
    code: "denied",
  });
  expect(await refusal(token.call("logWindow", { environment: "production", line: 1 }))).toMatchObject({
    code: "denied",
  });
  expect(await refusal(token.call("lock", { environment: "staging", by, reason: "no" }))).toMatchObject({
    code: "denied",
    message: "this token may not change anything",
  });
  expect(await refusal(token.call("createToken", { name: "child" }))).toMatchObject({ code: "step_up_required" });
  const [kept] = await fairway.client.call("tokens", {});
  expect(kept).toMatchObject({ id: "t1", name: "look", owner: "dana", revokedAt: null });
  expect(kept?.lastUsedAt).not.toBeNull();
  expect(JSON.stringify(kept)).not.toContain(out.trim());
  await token.call("revokeToken", { token: "t1" });
  expect(await refusal(token.call("whoami", {}))).toMatchObject({ code: "unauthenticated" });
});

test("a program comes in by a code that a person confirms elsewhere", async () => {
  const nobody = createClient(fairway.client.url);
  const { code, claim } = await nobody.call("loginCode", {});
  expect(await nobody.call("claimLogin", { claim })).toMatchObject({ token: null });
  expect(await refusal(nobody.call("confirmLogin", { code }))).toMatchObject({ code: "unauthenticated" });
  expect((await say("dana", "", "login-code", code.toLowerCase())).code).toBe(0);
  const claimed = await nobody.call("claimLogin", { claim });
  expect(await as(claimed.token ?? "").call("whoami", {})).toMatchObject({ name: "dana", kind: "person" });
  expect(await nobody.call("claimLogin", { claim })).toMatchObject({ token: null });
  expect(await refusal(fairway.client.call("confirmLogin", { code }))).toMatchObject({ code: "not_found" });
});

test("roles are given and taken by environment, and the last administrator stays one", async () => {
  expect((await say("dana", `${passwords.vera}\n`, "users", "add", "vera")).code).toBe(0);
  expect((await say("vera", `${passwords.vera}\n`, "login", "--user", "vera")).code).toBe(0);
  const vera = as(await tokenOf("vera"));
  expect(await refusal(vera.call("status", {}))).toMatchObject({ code: "denied" });
  await say("dana", "", "roles", "grant", "vera", "deployer", "--env", "staging");
  expect((await vera.call("status", {})).project).toBe("story");
  expect(await refusal(vera.call("people", {}))).toMatchObject({ code: "denied" });
  expect(await refusal(vera.call("lock", { environment: "production", by, reason: "no" }))).toMatchObject({
    code: "denied",
    message: "vera may not change anything in production",
  });
  const taken = await say("dana", "", "roles", "revoke", "dana", "admin");
  expect([taken.code, taken.err]).toEqual([1, expect.stringContaining("last administrator")]);
  expect((await say("dana", "", "users", "disable", "dana")).code).toBe(1);
});

test("whoever is kept out is out at once, in the middle of what they are reading", async () => {
  const vera = as(await tokenOf("vera"));
  await fairway.client.call("grantRole", { person: "vera", role: "viewer" });
  let started: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (started = resolve));
  const read = async (): Promise<void> => {
    for await (const _event of vera.stream("events", {})) started();
  };
  // Heard from the start: she may be out before the one who kept her out has his answer.
  const end = refusal(read());
  await fairway.client.call("lock", { environment: "staging", by, reason: "something to read" });
  await fairway.client.call("unlock", { environment: "staging", by });
  await begun;
  await fairway.client.call("disablePerson", { person: "vera", disabled: true });
  expect(await end).toMatchObject({ code: "unauthenticated" });
  expect(await refusal(vera.call("whoami", {}))).toMatchObject({ code: "unauthenticated" });
  expect(await refusal(vera.call("login", { name: "vera", password: passwords.vera }))).toMatchObject({
    message: "the name or the password is wrong",
  });
});

test("after five wrong passwords within a minute the right one is not heard either", async () => {
  const nobody = (): Fairway["client"] => createClient(fairway.client.url);
  const attempt = (password: string): Promise<string> =>
    nobody()
      .call("login", { name: "max", password })
      .then(
        () => "in",
        (thrown: unknown) => (thrown as { readonly code: string }).code,
      );
  await fairway.client.call("addPerson", { name: "max", password: "four words of max's" });
  const codes = await Promise.all(Array.from({ length: 7 }, () => attempt("not his password at all")));
  expect(codes.filter((code) => code === "unauthenticated")).toHaveLength(5);
  expect(codes.filter((code) => code === "too_many_attempts")).toHaveLength(2);
  expect(await attempt("four words of max's")).toBe("too_many_attempts");
});

test("nothing of a password, a session or a token is in the daemon's log or its database", async () => {
  const log = await readFile(join(fairway.data, "daemon.log"), "utf8");
  for (const secret of [...Object.values(passwords), session]) expect(log).not.toContain(secret);
});
