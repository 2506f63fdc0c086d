import { createServer, request as ask } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openChromium } from "../../tools/chromium.mjs";
import { needs } from "../../tools/skips.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { twoEnvironments, webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

// What people decide on pages, in Chromium, behind a proxy that has the dashboard under a path of its own. The tests tell one
// story, in their order.

const patience = 90_000;
const prefix = "/tools/fairway";
const hostile = '<img src=x onerror="window.hostile=1"><b>so</b>';
/** More than a page of a list that comes whole. */
const secrets = 230;

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
  let page: Page;
  const wrong: string[] = [];
  let base: string;
  const url = (path: string): string => base + path;

  async function open(path: string): Promise<void> {
    await page.goto(url(path));
    await page.locator("h1").first().waitFor();
    await page.locator(".loading").first().waitFor({ state: "detached" });
  }

  async function faults(): Promise<readonly string[]> {
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate<axe.AxeResults>(
      `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })`,
    );
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  }

  beforeAll(async () => {
    const freezes = [{ because: "The last accounts of the century", from: "2099-12-22", to: "2100-01-04" }];
    fairway = await openFairway(webProject({}, { environments: twoEnvironments({}, { freezes }) }));
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

  test("a release is printed as a document: on white, without controls, with exact times and whole digests", async () => {
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await open("releases/r1");
    await page.getByText("Its signed statement and manifest hold").waitFor();
    for (const gone of ["nav", ".page-actions", ".page-foot", "main button"])
      expect(
        await page.locator(gone).evaluateAll((found) => found.filter((each) => each.checkVisibility()).length),
      ).toBe(0);
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
