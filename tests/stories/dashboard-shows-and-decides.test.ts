import { gzipSync } from "node:zlib";
import { hostileTexts } from "@fairway/conformance";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openChromium } from "../../tools/chromium.mjs";
import { dashboardPages } from "../../tools/dashboard-pages.mjs";
import { needs } from "../../tools/skips.ts";
import { faultsOfAccess, settled, walk, wrongWhenRefused } from "./support/dashboard-walk.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { tinyService, twoEnvironments, webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

// A person's browser, Chromium, on the pages of a real daemon. The tests tell one story, in their order.

/** Patient, because the machine may have other things to do. */
const patience = 90_000;
const subject = '<img src=x onerror="window.hostile=1"> & "the first"';
/** Where people find the parts of staging; production has no address but its services'. */
const addresses = { frontend: "https://staging.shop.example", backend: "https://staging-api.shop.example" };
const noise = [
  ...hostileTexts.map(({ text }) => `process.stdout.write(${JSON.stringify(`${text}\n`)});`),
  'for (let at = 1; at <= 4000; at++) console.log("\\u001b[32mline\\u001b[0m " + at);',
  'console.log("::warning::look at this");',
  'console.log("a needle in the haystack");',
].join("\n");

describe.skipIf(!needs("chromium"))("the dashboard", () => {
  let fairway: Fairway;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** What no page may do: ask elsewhere, break its policy, or fail. */
  const wrong: string[] = [];
  const url = (path: string): string => `${fairway.client.url.replace("127.0.0.1", "localhost")}/${path}`;

  /** A browser of somebody who has never been here. */
  async function fresh(): Promise<Page> {
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
    context.setDefaultTimeout(patience);
    const opened = await context.newPage();
    opened.on("request", (request) => {
      if (new URL(request.url()).host !== new URL(url("")).host) wrong.push(`asked ${request.url()}`);
    });
    opened.on("pageerror", (thrown) => wrong.push(`threw ${thrown.message}`));
    opened.on("console", (message) => {
      if (/content security policy/i.test(message.text())) wrong.push(message.text());
    });
    return opened;
  }

  /** The project owes nothing, so that some pages have nothing to show. */
  const pagesThatAre = () => dashboardPages(fairway.client, { leaveOut: () => undefined });

  async function open(path: string): Promise<void> {
    await page.goto(url(path));
    await page.locator("h1").first().waitFor();
    await page.locator(".loading").first().waitFor({ state: "detached" });
  }

  const faults = (): Promise<readonly string[]> => faultsOfAccess(page);

  beforeAll(async () => {
    fairway = await openFairway({
      ...webProject(
        {},
        { service: { checks: { noise: "node noise.mjs" } }, environments: twoEnvironments({ url: addresses }) },
      ),
      "web/noise.mjs": noise,
    });
    browser = await openChromium();
    page = await fresh();
    assertEnded(await fairway.ship(subject), "succeeded");
  });

  afterAll(async () => {
    await browser?.close();
    await fairway?.end();
  });

  test("a person sees what runs where, and promotes after seeing exactly what will happen", async () => {
    await open("");
    const staging = page.getByRole("article", { name: "staging" });
    await staging.getByText("r1", { exact: true }).waitFor();
    expect(await staging.textContent()).toContain(subject);
    const links = await staging.locator(".home-env-urls").getByRole("link").all();
    expect(await Promise.all(links.map((link) => link.getAttribute("href")))).toEqual(Object.values(addresses));
    expect(await staging.locator(".home-env-urls dt").allTextContents()).toEqual(Object.keys(addresses));
    await page.getByRole("article", { name: "production" }).getByRole("button", { name: "Deploy r1" }).click();
    const asks = page.getByRole("dialog", { name: "Deploy r1 to production" });
    await asks.getByText("1 approval is needed").waitFor();
    expect(await asks.textContent()).toContain("web starts");
    await asks.getByRole("button", { name: "Deploy r1" }).click();
    await page.getByRole("heading", { level: 1, name: /production/ }).waitFor();
  });

  test("an approval is given on the page, and the page follows the deployment to its end without a reload", async () => {
    await page.evaluate("window.notReloaded = true");
    await page.getByRole("button", { name: "Review and answer" }).click();
    const asks = page.getByRole("dialog");
    await asks.getByText("web starts").waitFor();
    await asks.getByRole("button", { name: "Approve" }).click();
    await asks.waitFor({ state: "detached" });
    await page.locator(".page-lead .badge[data-state=succeeded]").waitFor();
    expect(await page.evaluate("window.notReloaded")).toBe(true);
    const { environments } = await fairway.status();
    expect(environments.map(({ current }) => current?.release)).toEqual(["r1", "r1"]);
  });

  test("a broken release rolls itself back, and what it left is shown first", async () => {
    const failed = await fairway.ship("web: break it", {
      "web/server.mjs": tinyService({ first: 'console.log("<b>no banner</b>"); process.exit(7);' }),
    });
    assertEnded(failed, "failed");
    await open(`deployments/${failed.id}`);
    await page.getByText("What failed replicas left").waitFor();
    await page.getByText("exit code 7").first().waitFor();
    expect(await page.locator(".log-block").first().textContent()).toContain("<b>no banner</b>");
  });

  test("a log is followed by line, searched and linked, and hostile text in it is only text", async () => {
    const runs = await fairway.client.call("runs", { kind: "release" });
    const first = runs.at(-1)?.id ?? "";
    await open(`runs/${first}?job=${encodeURIComponent(JSON.stringify("check:web/noise"))}`);
    await page.getByText("<script>window.hostile=1</script>", { exact: true }).first().waitFor();
    await page.getByRole("searchbox", { name: "Search this log" }).fill("a needle");
    await page.keyboard.press("Enter");
    await page.getByText("a needle in the haystack").waitFor();
    await page.waitForURL(/#L\d{4}$/);
    await page.reload();
    await page.getByText("a needle in the haystack").waitFor();
    expect(await page.evaluate("typeof window.hostile")).toBe("undefined");
  });

  test("everything can be reached by keys, and they can be switched off", async () => {
    await open("");
    await page.keyboard.press("g");
    await page.keyboard.press("d");
    await page.getByRole("heading", { level: 1, name: "Deployments" }).waitFor();
    await page.locator("[data-row]").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: /staging/ }).waitFor();
    const palette = page.getByRole("dialog").getByRole("combobox");
    await page.keyboard.press("Control+k");
    await palette.fill("environments");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Environments" }).waitFor();
    await page.keyboard.press("Shift+?");
    const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await sheet.getByRole("checkbox").uncheck();
    await page.keyboard.press("Escape");
    await sheet.waitFor({ state: "detached" });
    await page.keyboard.press("g");
    await page.keyboard.press("d");
    await page.keyboard.press("Control+k");
    await palette.waitFor();
    expect(new URL(page.url()).pathname).toBe("/");
    await page.keyboard.press("Escape");
  });

  test("no page has a fault of access, at 360 pixels and in the dark too", { timeout: 15 * 60_000 }, async () => {
    const found: string[] = [];
    // So that the page of an approval is one of them.
    const again = await fairway.client.call("deploy", { environment: "production", release: "r1", by });
    await fairway.runUntil(again, ({ approval }) => approval !== null);
    const { number } = await fairway.client.call("openIncident", {
      ...{ by, title: subject, impact: "degraded", release: "r1", environment: "staging" },
    });
    await fairway.client.call("noteIncident", { by, number, text: subject });
    await fairway.client.call("followUpIncident", { by, number, what: subject, owner: by, due: "2099-12-01" });
    // By turns wide and light, narrow and dark: their parts are the same ones. `every-page-is-for-everybody` leaves none out.
    for (const [index, { name, path }] of (await pagesThatAre()).entries()) {
      const [width, colorScheme] = index % 2 === 0 ? ([1280, "light"] as const) : ([360, "dark"] as const);
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      // Those two have the same title.
      if (name === "home" || name === "welcome") await open(path);
      else await walk(page, url(path));
      await settled(page);
      found.push(...(await faults()).map((fault) => `${name} at ${width}: ${fault}`));
      const wider = await page.evaluate<number>("document.documentElement.scrollWidth - window.innerWidth");
      if (wider > 0) found.push(`${name} at ${width}: ${wider} pixels too wide`);
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 1280, height: 900 });
    expect(found).toEqual([]);
  });

  test("a page that is refused what it asks for says why, and what to do", { timeout: 5 * 60_000 }, async () => {
    const other = await fresh();
    // All but who looks and what happens: without those there is no page.
    const isQuestion = ({ pathname }: URL): boolean => /^\/api\/v1\/(?!me$|events$)/.test(pathname);
    await other.route(isQuestion, (route) =>
      route.fulfill({
        status: 500,
        json: {
          ...{ code: "database_unusable", message: "the database cannot be read", hint: "look at its log" },
          ...{ retryable: false, problems: [] },
        },
      }),
    );
    await other.goto(url("there-is-no-such-page"));
    await other.locator("h1").first().waitFor();
    const found: string[] = [];
    for (const { name, path } of await pagesThatAre()) {
      // These ask nothing, or are another one with more in it.
      if (["welcome", "settings-account", "nothing-here"].includes(name)) continue;
      await walk(other, url(path));
      found.push(...(await wrongWhenRefused(other)).map((wrong) => `${name} does not say ${wrong}`));
    }
    await other.context().close();
    expect(found).toEqual([]);
  });

  test("the first load of the home page is at most 200 kB of JavaScript", async () => {
    page = await fresh();
    const loaded: Promise<number>[] = [];
    page.on("response", (response) => {
      if (response.request().resourceType() === "script")
        loaded.push(response.body().then((body) => gzipSync(body).length));
    });
    await open("");
    const bytes = (await Promise.all(loaded)).reduce((total, each) => total + each, 0);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(200_000);
  });

  test("it works behind a path prefix that a proxy takes off", async () => {
    const html = await (
      await fetch(`${fairway.client.url}/`, { headers: { "x-forwarded-prefix": "/tools/fairway" } })
    ).text();
    expect(html).toContain('<base href="/tools/fairway/" />');
    const forged = await (
      await fetch(`${fairway.client.url}/`, { headers: { "x-forwarded-prefix": '//evil.example/"><b>' } })
    ).text();
    expect(forged).toContain('<base href="/" />');
    const policy = (await fetch(`${fairway.client.url}/`)).headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
  });

  test("where people log in, whoever may only look sees no button that can be pressed", async () => {
    const { client } = fairway;
    await client.call("addPerson", { name: by, password: "four words of ada's", role: "admin" });
    fairway.actAs((await client.call("login", { name: by, password: "four words of ada's" })).token);
    await client.call("addPerson", { name: "vera", password: "four words of vera's", role: "viewer" });
    page = await fresh();
    await page.goto(url(""));
    await page.getByRole("heading", { name: "Log in to Fairway" }).waitFor();
    expect(await faults()).toEqual([]);
    await page.getByLabel("Name").fill("vera");
    await page.getByLabel("Password").fill("four words of vera's");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.locator("main article button").first().waitFor();
    const buttons = await page.locator("main article button").all();
    for (const button of buttons) expect(await button.getAttribute("aria-disabled")).toBe("true");
    expect(await buttons[0]?.textContent()).toContain("vera may not change anything in");
  });

  test("no page asked anybody else, broke its policy or threw", () => {
    expect(wrong).toEqual([]);
  });
});
