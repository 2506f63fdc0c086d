import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openChromium } from "../../tools/chromium.mjs";
import { needs } from "../../tools/skips.ts";
import { settled } from "./support/dashboard-walk.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { configFile } from "./support/git-project.ts";
import type { MailServer } from "./support/mail-server.ts";
import { mailServer } from "./support/mail-server.ts";
import { fillWithRows, many, manyDuties, manyFlags, manyOver, manyPrincipals, manyTasks } from "./support/many-rows.ts";
import { stagingOnly, tinyConfig, tinyService } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

// Each list of the dashboard with as many rows as years bring, in Chromium on the pages of a real daemon.

const patience = 90_000;
/** Elements of a page, whatever its list has; a list that was drawn whole has ten times as many. */
const atMost = 6_000;
/** From the address to an answer to a key, in milliseconds: ten times what it takes where nothing else runs. */
const soon = 20_000;
const reviewed = "credential/aws-core@staging:access-review";

const ops = {
  "ops/people.yaml": `roles:\n  lead:\n    people: [{ name: ${by} }]\n`,
  "ops/duties.yaml": `duties:\n${Array.from(
    { length: manyDuties },
    (_, at) =>
      `  look/d${at}: { title: Look at ${at}, owner: lead, environment: staging, every: P1M, from: 2099-01-31${at < manyTasks ? `, task: Task ${at}` : ""} }\n`,
  ).join("")}`,
  "ops/credentials.yaml": `credentials:
  aws-core:
    vendor: AWS
    kind: IAM principals
    environments: [staging]
    owner: lead
    access-review: { every: P90D, from: 2099-01-15, rolling: true }
`,
};

describe.skipIf(!needs("chromium", "time"))("a list of ten thousand rows", () => {
  let fairway: Fairway;
  let browser: Browser;
  let mails: MailServer;
  let page: Page;
  const wrong: string[] = [];

  async function open(path: string): Promise<void> {
    await page.goto(`${fairway.client.url.replace("127.0.0.1", "localhost")}/${path}`);
    await settled(page);
  }

  const elements = (): Promise<number> => page.evaluate("document.querySelectorAll('*').length");
  const more = () => page.getByRole("button", { name: /^Show (older ones|\d+ more of)/ }).first();
  /** Where what has the focus leads; what a button says. */
  const focused = (): Promise<string> =>
    page.evaluate("document.activeElement.getAttribute('href') ?? document.activeElement.textContent");

  beforeAll(async () => {
    mails = await mailServer();
    fairway = await openFairway({
      "web/server.mjs": tinyService(),
      ...ops,
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
    assertEnded(await fairway.ship("First"), "succeeded");
    const { problems } = await fairway.client.call("readDuties", { by });
    if (problems.length > 0) throw new Error(problems.join("; "));
    await fairway.client.call("testNotice", { channel: "team", by });
    await fillWithRows(fairway, reviewed);
    browser = await openChromium();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
    context.setDefaultTimeout(patience);
    page = await context.newPage();
    page.on("pageerror", (thrown) => wrong.push(thrown.message));
  }, 10 * 60_000);

  afterAll(async () => {
    await browser?.close();
    await fairway?.end();
    await mails?.close();
  });

  test.each([
    ["", false],
    ["deployments", true],
    ["releases", true],
    ["runs", true],
    ["flags?environment=staging", true],
    ["settings/secrets", true],
    ["settings/notices", true],
    ["incidents", true],
    ["audit", true],
    ["duties", true],
    ["readiness?environment=staging", true],
    ["calendar?month=2099-01", true],
    ["matrix", true],
    ["credentials", true],
    ["dora", false],
  ] as const)("leaves the page /%s as small as any, and it answers keys at once", async (path, goesOn) => {
    const began = performance.now();
    await open(path);
    await page.keyboard.press("Shift+?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    const took = performance.now() - began;
    await page.keyboard.press("Escape");
    const before = await elements();
    if (goesOn) await more().click();
    await expect.poll(elements, { timeout: soon }).toBeGreaterThan(goesOn ? before + 100 : 0);
    const after = await elements();
    process.stderr.write(`  /${path}: ${Math.round(took)} ms, ${before} elements, then ${after}\n`);
    expect([path, took < soon, before < atMost, after < 2 * atMost]).toEqual([path, true, true, true]);
  });

  test("is searched as a whole, not only what of it is shown", async () => {
    await open("settings/secrets");
    await page.getByRole("searchbox").fill(`key_${many - 1}`);
    await page.getByText(`KEY_${many - 1}`, { exact: true }).waitFor();
    await open("flags?environment=staging");
    await page.getByRole("searchbox").fill(`flag-${manyFlags - 1}`);
    await page
      .getByText(`flag-${manyFlags - 1}`, { exact: true })
      .first()
      .waitFor();
    await open("duties");
    await page.getByRole("searchbox").fill(`Look at ${manyDuties - 1}`);
    await page
      .getByText(`Look at ${manyDuties - 1}`)
      .first()
      .waitFor();
    await open("credentials");
    await page.getByRole("searchbox").fill(`person-${manyPrincipals - 1}`);
    await page
      .getByRole("row")
      .filter({ hasText: `person-${manyPrincipals - 1}` })
      .waitFor();
    await open("runs");
    await page.getByLabel("Title").fill("again 17");
    await page
      .getByText(/again 17\b/)
      .first()
      .waitFor();
  });

  test("of incidents that are open leaves those that are over in sight", async () => {
    await open("incidents");
    const over = page.locator("section").filter({ has: page.getByRole("heading", { level: 2, name: "Over" }) });
    await over.getByText(`${manyOver}: orders wait`).waitFor();
    expect(await over.locator("li").count()).toBe(50);
  });

  test.each(["releases", "incidents"])("is gone through by keys over the end of what is shown: %s", async (path) => {
    await open(path);
    await page.locator("[data-row]").first().waitFor();
    const shown = await page.locator("main [data-row]:not([data-more])").count();
    // From the end, where what shows more of them stands.
    await page.keyboard.press("k");
    const button = await focused();
    expect(button).toBe("Show older ones");
    await page.keyboard.press("k");
    const last = await focused();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.locator("main [data-row]:not([data-more])").nth(shown).waitFor();
    await page.keyboard.press("j");
    const next = await focused();
    expect(await page.locator("main [data-row]:not([data-more])").nth(shown).getAttribute("href")).toBe(next);
    await page.keyboard.press("k");
    expect(await focused()).toBe(last);
    expect(wrong).toEqual([]);
  });
});
