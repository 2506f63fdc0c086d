import { createServer, request as ask } from "node:http";
import type { Server } from "node:http";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { createClient } from "@fairway/api/client";
import { Client } from "pg";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openChromium } from "../../tools/chromium.mjs";
import { needs } from "../../tools/skips.ts";
import { faultsOfAccess } from "./support/dashboard-walk.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { configFile } from "./support/git-project.ts";
import type { MailServer } from "./support/mail-server.ts";
import { mailServer } from "./support/mail-server.ts";
import { tinyConfig, tinyService, twoEnvironments } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

// What people decide on pages, in Chromium, behind a proxy that has the dashboard under a path of its own. The tests tell one
// story, in their order.

const patience = 90_000;
const prefix = "/tools/fairway";
const hostile = '<img src=x onerror="window.hostile=1"><b>so</b>';
/** More than a page of a list that comes whole. */
const secrets = 230;

/** What is owed before the vault takes a release, and by whom. */
const ops = {
  "ops/people.yaml": `roles:\n  lead:\n    people: [{ name: ${by} }]\n  cto:\n    people: [{ name: toni }]\n`,
  "ops/duties.yaml": `duties:
  drill/database:
    title: Restore the database ${hostile}
    owner: lead
    environment: vault
    every: P1M
    from: 2099-01-31
    task: Drills
`,
  "ops/gates.yaml":
    "gates:\n  - environment: vault\n    require: [drill/*]\n    owner: cto\nwaivers: { approvers: [cto] }\n",
};

/** Makes what browsers have shown of who uses them an hour old, which takes an hour else. */
async function ageProofs(data: string): Promise<void> {
  const pid = await readFile(join(data, "database/postgres/postmaster.pid"), "utf8");
  const [, , , port, host] = pid.split("\n");
  const client = new Client({ host: host ?? "", port: Number(port), user: "fairway", database: "postgres" });
  await client.connect();
  await client.query("update fairway.sessions set proven_at = now() - interval '1 hour' where kind = 'browser'");
  await client.end();
}

/** As a team's proxy: takes the path off, and says so. */
async function proxyTo(url: string): Promise<Server> {
  const target = new URL(url);
  const server = createServer((incoming, outgoing) => {
    if (incoming.url?.startsWith(`${prefix}/`) !== true)
      return void outgoing.writeHead(404).end("nothing but the prefix");
    const onward = ask(
      {
        ...{ host: target.hostname, port: target.port, method: incoming.method },
        path: incoming.url.slice(prefix.length),
        headers: { ...incoming.headers, "x-forwarded-prefix": prefix },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

describe.skipIf(!needs("chromium"))("on the dashboard", () => {
  let fairway: Fairway;
  let browser: Browser;
  let proxy: Server;
  let mails: MailServer;
  let page: Page;
  const wrong: string[] = [];
  let base: string;
  const url = (path: string): string => base + path;

  async function open(path: string): Promise<void> {
    await page.goto(url(path));
    await page.locator("h1").first().waitFor();
    await page.locator(".loading").first().waitFor({ state: "detached" });
  }

  const faults = (): Promise<readonly string[]> => faultsOfAccess(page);

  beforeAll(async () => {
    const freezes = [{ because: "The last accounts of the century", from: "2099-12-22", to: "2100-01-04" }];
    const always = [{ because: "Nothing is moved here", from: "2001-01-01", to: "2099-12-31" }];
    mails = await mailServer();
    fairway = await openFairway({
      "web/server.mjs": tinyService(),
      ...ops,
      ...configFile({
        name: "story",
        services: { web: tinyConfig() },
        environments: {
          ...twoEnvironments({}, { freezes }),
          vault: {
            promotesFrom: "staging",
            services: { web: { routes: [{ host: "vault.localhost" }] } },
            freezes: always,
          },
        },
        notices: {
          team: {
            email: { server: mails.url, from: "fairway@example.com", to: ["team@example.com"] },
            about: ["quarantine.set"],
          },
        },
      }),
    });
    browser = await openChromium();
    proxy = await proxyTo(fairway.client.url);
    base = `http://localhost:${(proxy.address() as AddressInfo).port}${prefix}/`;
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
    context.setDefaultTimeout(patience);
    page = await context.newPage();
    page.on("request", (request) => {
      if (!request.url().startsWith(url(""))) wrong.push(`asked ${request.url()}`);
    });
    page.on("pageerror", (thrown) => wrong.push(`threw ${thrown.message}`));
    assertEnded(await fairway.ship(`${hostile} (#12)`), "succeeded");
  });

  afterAll(async () => {
    await browser?.close();
    proxy?.closeAllConnections();
    proxy?.close();
    await fairway?.end();
    await mails?.close();
  });

  test("an approval has a page that tells everything an answer is bound to, and takes the answer", async () => {
    const asked = await fairway.promote();
    await open("?tour=1");
    await page.getByRole("heading", { name: /^Welcome/ }).waitFor();
    await page.getByRole("link", { name: "Close this" }).click();
    await page.getByRole("link", { name: "Review", exact: true }).click();
    await page.waitForURL(url(`approvals/${asked.id}`));
    await page.getByText("web starts").waitFor();
    const words = (await page.locator("main").textContent()) ?? "";
    const { plan } = await fairway.client.call("approval", { run: asked.id });
    expect(words).toContain(`${asked.approval?.digest.slice(0, 19)}`);
    expect(words).toContain(`${plan?.releaseDigest.slice(0, 19)}`);
    expect(words).toContain(hostile);
    expect(words).toContain("another release in production than none when it begins");
    expect(words).toContain(`${by} asked for it`);
    expect(await faults()).toEqual([]);
    await page.getByLabel("A note, for the record").fill("looked at it");
    await page.getByRole("button", { name: "Approve" }).click();
    await page.waitForURL(url(`deployments/${asked.id}`));
    assertEnded(await fairway.settled(asked), "succeeded");
    await open(`approvals/${asked.id}`);
    await page.getByRole("heading", { level: 1, name: `${asked.id} asks nothing` }).waitFor();
  });

  test("an environment is locked and unlocked with a reason, seen live, and a freeze is told before it opens", async () => {
    await open("locks");
    await page.getByText("The last accounts of the century").waitFor();
    const production = page.getByRole("listitem").filter({ hasText: "production" });
    await production.getByRole("button", { name: "Lock …" }).click();
    const asks = page.getByRole("dialog", { name: "Lock production" });
    await asks.getByLabel("Why, for whoever waits").fill(hostile);
    await asks.getByRole("button", { name: "Lock it" }).click();
    await asks.waitFor({ state: "detached" });
    await production.getByText(hostile).waitFor();
    expect(await faults()).toEqual([]);
    // Somebody else takes it off, with a reason: the page says so by itself.
    await fairway.client.call("unlock", { environment: "production", by: "bob", reason: "it is over" });
    await production.getByText("open", { exact: true }).waitFor();
  });

  test("readiness is a sentence with what is behind it, and what somebody attests changes it at once", async () => {
    await fairway.client.call("readDuties", { by });
    await open("readiness?environment=vault");
    const sentence = page.locator(".duty-sentence");
    await sentence.getByText("Vault cannot take r1").waitFor();
    const row = page.getByRole("row").filter({ hasText: "drill/database" });
    await row.getByText("holds releases up").waitFor();
    await row.getByRole("button", { name: "Waive …" }).click();
    const waives = page.getByRole("dialog", { name: /^Pass over: Restore/ });
    await waives.getByLabel("Why").fill("the disks of the drill are being replaced");
    await waives.getByRole("button", { name: "Pass it over" }).click();
    await waives.getByText(/waive/).first().waitFor();
    await waives.getByRole("alert").waitFor();
    await waives.getByRole("button", { name: "Cancel" }).click();
    await row.getByRole("button", { name: "Attest …" }).click();
    const asks = page.getByRole("dialog", { name: /^Restore the database/ });
    await asks.getByLabel("What was done").fill(hostile);
    await asks.getByLabel("Numbers for the board").fill("rto_seconds=412");
    expect(await faults()).toEqual([]);
    await asks.getByRole("button", { name: "Put it on record" }).click();
    await asks.waitFor({ state: "detached" });
    await sentence.getByText("Vault can take r1").waitFor();
    await row.getByRole("link").click();
    await page.getByText("rto_seconds").waitFor();
    await page.getByText("412", { exact: true }).waitFor();
    await open("calendar?month=2099-01");
    await page.getByRole("link", { name: /Restore the database/ }).waitFor();
    await open("matrix");
    await page.getByRole("rowheader", { name: "Drills" }).waitFor();
  });

  test("a word for going through a freeze is given on the page, and counts as one of two", async () => {
    const run = await fairway.client.call("deploy", { environment: "vault", release: "r1", by });
    await open("locks");
    const vault = page.getByRole("listitem").filter({ hasText: "Nothing is moved here" }).first();
    await vault.getByRole("button", { name: "Let it through the freeze …" }).click();
    const asks = page.getByRole("dialog", { name: `Let ${run.id} through the freeze` });
    await asks.getByLabel("Why it cannot wait").fill(hostile);
    await asks.getByRole("button", { name: "Say so" }).click();
    const said = page.getByRole("dialog", { name: "Your word is on record" });
    await said.getByText(hostile).waitFor();
    await said.getByText("One more person has").waitFor();
    await said.getByRole("button", { name: "Close" }).click();
    await said.waitFor({ state: "detached" });
    await fairway.client.call("cancel", { run: run.id, by });
  });

  test("a channel is tried, and the page says by itself that it arrived", async () => {
    await open("settings/notices");
    await page.getByRole("button", { name: "Try a channel …" }).click();
    const asks = page.getByRole("dialog", { name: "Try a channel" });
    await asks.getByLabel("Channel").fill("team");
    await asks.getByRole("button", { name: "Tell it" }).click();
    await asks.waitFor({ state: "detached" });
    await page.getByText("arrived", { exact: true }).waitFor();
  });

  test("a release is made from the tour, and its run is followed", async () => {
    await fairway.project.commit("Again");
    await open("?tour=1");
    await page.getByRole("button", { name: "Release it …" }).click();
    const asks = page.getByRole("dialog", { name: "Make a release" });
    await asks.getByLabel("Deploy it where releases go by themselves").uncheck();
    await asks.getByRole("button", { name: "Check and build it" }).click();
    await page.waitForURL(/\/runs\/run-\d+$/);
    await page.locator(".page-lead .badge[data-state=succeeded]").waitFor();
  });

  test("a release is printed as a document: on white, without controls, with exact times and whole digests", async () => {
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await open("releases/r1");
    await page.getByText("Its signed statement and manifest hold").waitFor();
    for (const gone of ["nav", ".page-actions", ".page-foot", "main button"])
      expect(await page.locator(gone).filter({ visible: true }).count()).toBe(0);
    const shown = (what: string): Promise<string> =>
      page.evaluate(`getComputedStyle(document.querySelector(${JSON.stringify(what)}), "::after").content`);
    expect(await shown("main time")).toMatch(/\d{4}.*UTC/);
    expect(await shown("main .copy code")).toMatch(/sha256:[0-9a-f]{64}/);
    expect(await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")).toBe(
      "rgb(255, 255, 255)",
    );
    expect((await page.pdf({ format: "A4" })).subarray(0, 5).toString()).toBe("%PDF-");
    await page.emulateMedia({ media: "screen", colorScheme: "light" });
  });

  test("a list that comes whole is shown a page at a time, and searched", async () => {
    const values = Object.fromEntries(
      Array.from({ length: secrets }, (_, at) => [`KEY_${at}`, `the value number ${at}`]),
    );
    await fairway.client.call("importSecrets", { environment: null, values, by });
    await open("settings/secrets");
    const rows = page.locator("tbody tr");
    await page.getByRole("button", { name: `Show 100 more of ${secrets}` }).click();
    await page.getByRole("button", { name: `Show 30 more of ${secrets}` }).waitFor();
    expect(await rows.count()).toBe(200);
    await page.getByRole("searchbox").fill("key_229");
    await page.getByText("KEY_228", { exact: true }).waitFor({ state: "detached" });
    expect(await rows.count()).toBe(1);
    expect(await page.locator("main").textContent()).not.toContain("the value number");
  });

  test("whoever logs in is offered an identity provider only where there is one, and finds the way out", async () => {
    const { client } = fairway;
    expect(await client.call("loginWays", {})).toEqual({ identityProvider: false, firstAdministrator: false });
    await client.call("addPerson", { name: by, password: "four words of ada's", role: "admin" });
    fairway.actAs((await client.call("login", { name: by, password: "four words of ada's" })).token);
    await open("settings/account");
    await page.getByLabel("Name").fill(by);
    expect(await page.locator("form").textContent()).not.toContain("identity provider");
    await page.getByLabel("Password").fill("four words of ada's");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("this one").waitFor();
    expect(await faults()).toEqual([]);
    await page.getByRole("button", { name: "Change the password" }).click();
    const changes = page.getByRole("dialog", { name: "Change your password" });
    await changes.getByLabel("The one you have").fill("four words of bob's");
    await changes.getByLabel("The next one").fill("five new words of ada's");
    await changes.getByRole("button", { name: "Change it" }).click();
    await changes.getByRole("alert").waitFor();
    await changes.getByLabel("The one you have").fill("four words of ada's");
    await changes.getByRole("button", { name: "Change it" }).click();
    await changes.waitFor({ state: "detached" });
    const again = await client.call("login", { name: by, password: "five new words of ada's" });
    fairway.actAs(again.token);
  });

  test("a token is made, is shown once, and opens what it says", async () => {
    await open("settings/tokens");
    await page.getByRole("button", { name: "Make a token" }).click();
    const asks = page.getByRole("dialog", { name: "Make a token" });
    await asks.getByLabel("What it is for").fill("ci");
    await asks.getByRole("button", { name: "Make it" }).click();
    const shown = page.getByRole("dialog", { name: "The token ci" });
    const token = (await shown.locator("code").textContent()) ?? "";
    const as = createClient(fairway.client.url, { token: () => token });
    expect(await as.call("whoami", {})).toMatchObject({ kind: "token" });
    await shown.getByRole("button", { name: "I have it" }).click();
    await page.getByRole("row").filter({ hasText: "ci" }).waitFor();
    expect(await page.locator("main").textContent()).not.toContain(token);
  });

  test("what needs a fresh proof asks who it is again, and then does what was asked", async () => {
    await ageProofs(fairway.data);
    await open("settings/secrets");
    await page.getByRole("button", { name: "Set a secret" }).click();
    const asks = page.getByRole("dialog", { name: "Set a secret" });
    await asks.getByLabel("Name").fill("A_NEW_ONE");
    await asks.getByLabel("Value").fill("a value that nobody sees");
    await asks.getByRole("button", { name: "Set it" }).click();
    const proof = page.getByRole("dialog", { name: "Is it still you?" });
    await proof.getByLabel("Password").fill("five new words of ada's");
    expect(await faults()).toEqual([]);
    await proof.getByRole("button", { name: "Confirm" }).click();
    await asks.waitFor({ state: "detached" });
    await page.getByRole("searchbox").fill("a_new_one");
    await page.getByText("A_NEW_ONE", { exact: true }).waitFor();
    await open("settings/account");
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("heading", { name: "Log in to Fairway" }).waitFor();
  });

  test("whoever may not see something is told so, and an old page says that it is old", async () => {
    const { client } = fairway;
    await client.call("addPerson", { name: "vera", password: "four words of vera's", role: "viewer" });
    await open("settings/secrets");
    await page.getByLabel("Name").fill("vera");
    await page.getByLabel("Password").fill("four words of vera's");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("You may not see this").waitFor();
    await page.getByRole("link", { name: "Locks" }).click();
    await page.getByText("The last accounts of the century").waitFor();
    for (const button of await page.locator("main li button").all())
      expect(await button.getAttribute("aria-disabled")).toBe("true");
    // What breaks off here is the proxy's; that the page hears of it, it hears from its stream.
    proxy.close();
    proxy.closeAllConnections();
    await page.getByText("The daemon does not answer").waitFor();
    await page.getByText("The last accounts of the century").waitFor();
  });

  test("text of others was only text, and nothing was asked of anybody else than under the prefix", async () => {
    expect(await page.evaluate("typeof window.hostile")).toBe("undefined");
    expect(wrong).toEqual([]);
  });
});
