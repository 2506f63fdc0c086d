import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestHeader } from "@fairway/api";
import { createClient } from "@fairway/api/client";
import { needs } from "../../tools/skips.ts";
import type { Seen } from "./support/command-line.ts";
import { typedCommand } from "./support/command-line.ts";
import { onDashboard } from "./support/dashboard-page.ts";
import type { BecomeFirst, Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { refusal } from "./support/refusal.ts";
import { webProject } from "./support/tiny-service.ts";

// The tests of this file tell one story, in their order. The providers are on this machine; the browser is the test.

let fairway: Fairway;
let directory: string;
let providers: ChildProcess;
let issuers: { readonly real: string; readonly lying: string };
const publicUrl = "https://fairway.example.com";

const settings = async (name: string, issuer: string): Promise<string> => {
  const path = join(directory, name);
  const groups = { platform: [{ role: "deployer", environment: "staging" }, { role: "viewer" }] };
  const said = { issuer, clientId: "fairway", clientSecret: "a secret of the story", groups };
  await writeFile(path, JSON.stringify(said), { mode: 0o600 });
  return path;
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-oidc-"));
  const program = join(import.meta.dirname, "support/identity-provider.mjs");
  providers = fork(program, [], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
  [issuers] = (await once(providers, "message")) as [typeof issuers];
  const over = { publicUrl, oidc: await settings("oidc.json", issuers.real) };
  fairway = await openFairway(webProject(), over, needs("python3") ? becomeFirst : undefined);
});

afterAll(async () => {
  providers?.disconnect();
  await fairway?.end();
  await rm(directory, { recursive: true, force: true });
});

/** What a person sees who makes every mistake that one can make at a terminal, and then comes in. */
const seen: string[] = [];
const becomeFirst: BecomeFirst = async ({ code, project, data }) => {
  const env = { XDG_CONFIG_HOME: directory, NO_COLOR: "1" };
  const type = (...answers: readonly (readonly [string, string])[]): Promise<Seen> =>
    typedCommand({ answers, env }, project, data, "login", "--first");
  const password = "four words of ada's";
  const wrong = ["The code that the daemon told", "AAAA-AAAA-AAAA-AAAA"] as const;
  const givenUp = await type(["Your name", "ada"], ["The code that the daemon told", "\u0003"]);
  const refused = await type(
    ["Your name", "ada"],
    wrong,
    ["A password for ada", password],
    ["The same again", password],
  );
  const done = await type(
    ["Your name", ""],
    ["type something", "ada"],
    ["The code that the daemon told", code.toLowerCase().replaceAll("-", "")],
    ["A password for ada", "four words"],
    // What was typed before is still there.
    ["at least 12 characters", " of ada's"],
    ["The same again", "four words"],
    ["this is another one", " of ada's"],
  );
  seen.push(...[givenUp, refused, done].map((one) => `${one.code} ${one.unasked} ${one.seen}`));
  const kept = JSON.parse(await readFile(join(directory, "fairway/logins.json"), "utf8")) as object;
  return Object.values(kept as Record<string, { readonly token: string }>)[0]?.token ?? "";
};

test.skipIf(!needs("python3"))("the first administrator types the code and a password, and may mistype them", () => {
  const [givenUp, refused, done] = seen;
  expect(givenUp).toMatch(/^1 0 [^]*nothing was typed, so nothing was done/u);
  expect(givenUp).not.toContain("A password");
  expect(refused).toMatch(/^1 0 [^]*unauthenticated/u);
  expect(done).toMatch(/^0 0 [^]*logged in at http[^]* as ada/u);
  expect(seen.join("")).not.toMatch(/four words|of ada's/u);
});

test("the first administrator comes in by the code that the daemon told, and nobody else does", async () => {
  expect(await fairway.client.call("whoami", {})).toMatchObject({ name: "ada", login: true });
  const again = createClient(fairway.client.url).call("setUp", {
    code: "AAAA-AAAA-AAAA-AAAA",
    name: "mallory",
    password: "four words of mallory's",
  });
  expect(await refusal(again)).toMatchObject({ code: "not_allowed_now" });
});

/** A browser as far as these pages need one: it keeps cookies by host, and follows nothing by itself. */
function browser(): {
  ask(url: string, form?: Readonly<Record<string, string>>): Promise<Answer>;
  cookie(name: string): string | undefined;
} {
  const jar = new Map<string, Map<string, string>>();
  const ask = (url: string, form?: Readonly<Record<string, string>>): Promise<Answer> => {
    const here = new URL(url);
    const target = here.origin === publicUrl ? new URL(here.pathname + here.search, fairway.client.url) : here;
    const cookies = jar.get(here.host) ?? new Map<string, string>();
    jar.set(here.host, cookies);
    const body = form && new URLSearchParams(form).toString();
    return new Promise((resolve, reject) => {
      const asking = request(
        target,
        {
          method: body === undefined ? "GET" : "POST",
          agent: false,
          headers: {
            host: here.host,
            cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
            ...(body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
          },
        },
        (response) => {
          for (const set of response.headers["set-cookie"] ?? []) {
            const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
            if (value === "") cookies.delete(name);
            else cookies.set(name, value);
          }
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (part: string) => (text += part));
          response.on("end", () => {
            const { location } = response.headers;
            const to = location === undefined ? null : new URL(location, here).href;
            resolve({ status: response.statusCode ?? 0, text, to });
          });
        },
      );
      asking.on("error", reject);
      asking.end(body);
    });
  };
  return { ask, cookie: (name) => jar.get(new URL(publicUrl).host)?.get(name) };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  /** Where it sends the browser. */
  readonly to: string | null;
}

/** Goes to the provider and logs in there; gives the way back, not yet gone. */
async function thereAndLogIn(at: ReturnType<typeof browser>, name: string, query = ""): Promise<string> {
  let { to } = await at.ask(`${publicUrl}/auth/oidc/start${query}`);
  for (let steps = 0; to !== null && !to.startsWith(publicUrl) && steps < 12; steps++) {
    let answer = await at.ask(to);
    const action = /<form[^>]* action="([^"]+)"/.exec(answer.text)?.[1];
    const prompt = /name="prompt" value="(\w+)"/.exec(answer.text)?.[1];
    if (answer.to === null && action !== undefined && prompt !== undefined)
      answer = await at.ask(new URL(action, to).href, {
        prompt,
        ...(prompt === "login" ? { login: name, password: "any" } : {}),
      });
    ({ to } = answer);
  }
  return to ?? "";
}

const whoami = async (at: ReturnType<typeof browser>): Promise<Answer> => at.ask(`${publicUrl}/api/v1/whoami`);

test("whoever the provider knows comes in, as the subject that it names and with the roles of their groups", async () => {
  const ways = await fairway.client.call("loginWays", {});
  expect(ways).toEqual({ identityProvider: true, firstAdministrator: false });
  const at = browser();
  const back = await thereAndLogIn(at, "olga");
  expect(back).toMatch(/^https:\/\/fairway\.example\.com\/auth\/oidc\/callback\?/);
  const answer = await at.ask(back);
  expect([answer.status, answer.text]).toEqual([200, expect.stringContaining("logged in as olga@example.com")]);
  expect(at.cookie("__Host-fairway")).toMatch(/^fw_web_/);
  const who = JSON.parse((await whoami(at)).text) as { readonly name: string; readonly grants: readonly object[] };
  expect(who.name).toBe("olga@example.com");
  expect(who.grants).toEqual([
    { role: "deployer", project: null, environment: "staging" },
    { role: "viewer", project: null, environment: null },
  ]);
  const people = await fairway.client.call("people", {});
  expect(people.map(({ name, login, email }) => [name, login, email])).toEqual([
    ["ada", "password", null],
    ["olga@example.com", "oidc", "olga@example.com"],
  ]);
});

test.skipIf(!needs("chromium"))("the page where people log in leads a browser to the provider", async () => {
  await onDashboard(fairway.client.url, "releases", async (page) => {
    await page.getByRole("link", { name: "Use your identity provider" }).click();
    await page.waitForURL((at) => at.origin === new URL(issuers.real).origin);
    await page.locator("form").first().waitFor();
  });
});

test("the way back is gone once, by the browser that began it", async () => {
  const at = browser();
  const back = await thereAndLogIn(at, "olga");
  expect((await browser().ask(back)).status).toBe(401);
  const other = new URL(back);
  other.searchParams.set("state", "made-up");
  expect((await at.ask(other.href)).status).toBe(401);
  expect((await at.ask(back)).status).toBe(200);
  expect((await at.ask(back)).status).toBe(401);
  expect((await at.ask(`${publicUrl}/auth/oidc/callback`)).status).toBe(401);
});

test("a program's code is confirmed by hand where somebody has just come in", async () => {
  const program = createClient(fairway.client.url);
  const { code, claim } = await program.call("loginCode", {});
  const at = browser();
  const page = await at.ask(await thereAndLogIn(at, "olga", `?code=${code}`));
  expect(page.text).toContain(code);
  expect(await program.call("claimLogin", { claim })).toMatchObject({ token: null });
  const answer = await fetch(`${fairway.client.url}/api/v1/login/confirmations`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      [requestHeader]: "1",
      origin: publicUrl,
      cookie: `__Host-fairway=${at.cookie("__Host-fairway") ?? ""}`,
    },
    body: JSON.stringify({ code }),
  });
  expect(answer.status).toBe(200);
  const { token } = await program.call("claimLogin", { claim });
  const client = createClient(fairway.client.url, { token: () => token });
  expect(await client.call("whoami", {})).toMatchObject({ name: "olga@example.com" });
});

test("who is kept out stays out, whatever the provider says", async () => {
  await fairway.client.call("disablePerson", { person: "olga@example.com", disabled: true });
  const at = browser();
  const answer = await at.ask(await thereAndLogIn(at, "olga"));
  expect([answer.status, answer.text]).toEqual([401, expect.stringContaining("kept out")]);
});

test("whoever may start the daemon makes an administrator anew, under a name that is there", async () => {
  const before = await fairway.client.call("login", { name: "ada", password: "four words of ada's" });
  await fairway.kill("SIGTERM");
  process.env["FAIRWAY_NEW_ADMINISTRATOR"] = "1";
  try {
    await fairway.start({ publicUrl, oidc: await settings("lying.json", issuers.lying) });
  } finally {
    delete process.env["FAIRWAY_NEW_ADMINISTRATOR"];
  }
  const lost = createClient(fairway.client.url, { token: () => before.token });
  expect(await refusal(lost.call("whoami", {}))).toMatchObject({ code: "unauthenticated" });
  expect(await fairway.client.call("whoami", {})).toMatchObject({ name: "ada" });
  const admins = (await fairway.client.call("roles", {})).filter(({ role }) => role === "admin");
  expect(admins).toEqual([{ person: "ada", role: "admin", project: null, environment: null }]);
});

test("nothing that a provider must not say lets anybody in", async () => {
  const now = Math.floor(Date.now() / 1000);
  const lies: readonly (readonly [string, object])[] = [
    ["another audience", { aud: "another" }],
    ["several audiences without saying for whom", { aud: ["another", "fairway"], azp: "another" }],
    ["no audience", { leave: ["aud"] }],
    ["another issuer", { iss: "https://evil.example" }],
    ["the issuer with a slash", { iss: `${issuers.lying}/` }],
    ["no issuer", { leave: ["iss"] }],
    ["no subject", { leave: ["sub"] }],
    ["a subject that is no text", { sub: 7 }],
    ["no expiry", { leave: ["exp"] }],
    ["an expiry that is over", { exp: now - 3600, iat: now - 7200 }],
    ["an expiry that is no number", { exp: "tomorrow" }],
    ["no time of issue", { leave: ["iat"] }],
    ["not before tomorrow", { nbf: now + 86_400 }],
    ["no nonce", { leave: ["nonce"] }],
    ["another nonce", { nonce: "another" }],
    ["an empty nonce", { nonce: "" }],
    ["another key", { key: "another" }],
    ["no signature", { alg: "none" }],
    ["a symmetric algorithm", { alg: "HS256" }],
    ["an unknown algorithm", { alg: "RS1" }],
  ];
  const come = async (says: object): Promise<number> => {
    const at = browser();
    const { to } = await at.ask(`${publicUrl}/auth/oidc/start`);
    const sent = new URL(to ?? "").searchParams;
    const code = JSON.stringify({ nonce: sent.get("nonce"), ...says });
    const back = new URLSearchParams({ code, state: sent.get("state") ?? "" });
    return (await at.ask(`${publicUrl}/auth/oidc/callback?${back.toString()}`)).status;
  };
  expect(await Promise.all(lies.map(async ([lie, says]) => [lie, await come(says)]))).toEqual(
    lies.map(([lie]) => [lie, 401]),
  );

  // An e-mail that nobody has verified is no e-mail, and nobody becomes somebody else by having the same.
  expect(await come({ email: "olga@example.com", email_verified: "true", preferred_username: "ada" })).toBe(200);
  const mallory = (await fairway.client.call("people", {})).find(
    ({ login, name }) => login === "oidc" && name.startsWith("ada"),
  );
  expect(mallory).toMatchObject({
    email: null,
    grants: [],
    name: expect.stringMatching(/^ada\.[0-9a-f]{8}$/) as string,
  });
});
