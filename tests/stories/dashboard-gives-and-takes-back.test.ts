import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Download, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openChromium } from "../../tools/chromium.mjs";
import { needs } from "../../tools/skips.ts";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import type { MailServer } from "./support/mail-server.ts";
import { mailServer } from "./support/mail-server.ts";
import { configFile } from "./support/git-project.ts";
import { stagingOnly, tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

// What is taken away from the dashboard as a file, and what is done there again, in Chromium on the pages of a real daemon. The
// tests tell one story, in their order.

const patience = 90_000;
const password = "four words of ada's";

describe.skipIf(!needs("chromium", "time"))("at the dashboard", () => {
  let fairway: Fairway;
  let browser: Browser;
  let mails: MailServer;
  let page: Page;
  const wrong: string[] = [];

  async function open(path: string): Promise<void> {
    await page.goto(`${fairway.client.url.replace("127.0.0.1", "localhost")}/${path}`);
    await page.locator("h1").first().waitFor();
    await page.locator(".loading").first().waitFor({ state: "detached" });
  }

  /** What a link gives when it is followed, as a file; the page stays where it is. */
  async function taken(link: Locator): Promise<Download> {
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    expect(await download.failure()).toBe(null);
    return download;
  }

  beforeAll(async () => {
    mails = await mailServer();
    fairway = await openFairway({
      "web/server.mjs": tinyService(),
      ...configFile({
        name: "story",
        services: { web: tinyConfig() },
        environments: stagingOnly(),
        notices: {
          team: {
            email: { server: mails.url, from: "fairway@example.com", to: ["team@example.com"] },
            about: ["quarantine.set"],
          },
        },
      }),
    });
    browser = await openChromium();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
    context.setDefaultTimeout(patience);
    page = await context.newPage();
    page.on("pageerror", (thrown) => wrong.push(`threw ${thrown.message}`));
    page.on("console", (message) => {
      if (/content security policy/i.test(message.text())) wrong.push(message.text());
    });
    assertEnded(await fairway.ship("First"), "succeeded");
  });

  afterAll(async () => {
    await browser?.close();
    await fairway?.end();
    await mails?.close();
  });

  test("the evidence of a release is taken away as a file that verifies anywhere", async () => {
    await open("releases/r1");
    const link = page.getByRole("link", { name: "Evidence bundle" });
    const bundle = await taken(link);
    expect(bundle.suggestedFilename()).toBe("bundle-r1.zip");
    const file = join(fairway.place, "bundle-r1.zip");
    await bundle.saveAs(file);
    const verified = await commandLine(fairway.project.path, fairway.data, "verify", file);
    expect([verified.code, verified.out]).toEqual([0, expect.stringContaining("the bundle of r1 is whole")]);
  });

  test("the summary of a quarter is taken away in each of its forms, with the seal that they verify by", async () => {
    await open("matrix");
    const asked = page.getByLabel("Quarter");
    const quarter = await asked.inputValue();
    expect(quarter).toMatch(/^\d{4}-Q[1-4]$/);
    const folder = join(fairway.place, "quarter");
    let seal = "";
    for (const form of ["Markdown", "CSV", "JSON Lines", "Its seal"]) {
      const found = await taken(page.getByRole("link", { name: form, exact: true }));
      expect(found.suggestedFilename()).toContain(quarter);
      seal = join(folder, found.suggestedFilename());
      await found.saveAs(seal);
    }
    const verified = await commandLine(fairway.project.path, fairway.data, "verify", seal);
    expect([verified.code, verified.out]).toEqual([0, expect.stringContaining(`the summary of ${quarter} is whole`)]);
    // Another quarter is another file.
    const before = await asked.locator("option").nth(1).getAttribute("value");
    await asked.selectOption(before);
    const older = await taken(page.getByRole("link", { name: "Markdown", exact: true }));
    expect(older.suggestedFilename()).toContain(before);
    expect(await readFile(await older.path(), "utf8")).toContain(before);
  });

  test("what an earlier version of a secret held is given out again, and nobody sees it", async () => {
    const values = ["a first value that nobody sees", "a second value that nobody sees"];
    for (const value of values)
      await fairway.client.call("setSecret", { name: "TOKEN", environment: null, value, reference: null, by });
    await open("settings/secrets");
    const row = page.getByRole("row").filter({ hasText: "TOKEN" });
    await row.getByRole("button", { name: "Earlier version" }).click();
    const asks = page.getByRole("dialog", { name: "Take an earlier version of TOKEN" });
    await asks.getByText("What version 1 held becomes the newest version").waitFor();
    await asks.getByRole("button", { name: "Give out version 1 again" }).click();
    await asks.waitFor({ state: "detached" });
    await row.locator("td").nth(1).getByText(/^3 by/).waitFor();
    const [secret] = await fairway.client.call("secrets", {});
    expect(secret).toMatchObject({ version: 3, versions: [{ version: 3, repeats: 1 }, {}, {}] });
    expect(await page.content()).not.toContain("value that nobody sees");
  });

  test("a notice that was given up is told again once whoever takes it does", async () => {
    mails.refuses = true;
    await fairway.client.call("testNotice", { channel: "team", by });
    await open("settings/notices");
    await page.getByText("given up", { exact: true }).waitFor();
    mails.refuses = false;
    await page.getByRole("button", { name: "Try what was given up again" }).click();
    await page.getByText("arrived", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Try what was given up again" }).waitFor({ state: "detached" });
  });

  test("whoever may not take the record away reads why, where the links would be", async () => {
    const { client } = fairway;
    await client.call("addPerson", { name: by, password, role: "admin" });
    fairway.actAs((await client.call("login", { name: by, password })).token);
    await client.call("addPerson", { name: "vera", password: "four words of vera's", role: "viewer" });
    await page.goto(`${client.url.replace("127.0.0.1", "localhost")}/matrix`);
    await page.getByLabel("Name").fill("vera");
    await page.getByLabel("Password").fill("four words of vera's");
    await page.getByRole("button", { name: "Log in" }).click();
    const markdown = page.getByRole("button", { name: /^Markdown vera may not/ });
    await markdown.waitFor();
    expect(await markdown.getAttribute("aria-disabled")).toBe("true");
    await open("releases/r1");
    await page.getByRole("button", { name: /^Evidence bundle vera may not/ }).waitFor();
    expect(await page.getByRole("link", { name: "Evidence bundle" }).count()).toBe(0);
    // The server says no in the same words, whoever made the address themselves.
    const refused = await page.evaluate<readonly [number, string]>(
      "fetch('./api/v1/releases/r1/evidence').then(async (answer) => [answer.status, (await answer.json()).message])",
    );
    expect(refused).toEqual([403, expect.stringContaining("vera may not")]);
    expect(wrong).toEqual([]);
  });
});
