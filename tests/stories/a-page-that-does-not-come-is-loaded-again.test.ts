import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openChromium } from "../../tools/chromium.mjs";
import { needs } from "../../tools/skips.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import { configFile } from "./support/git-project.ts";
import { stagingOnly, tinyConfig, tinyService } from "./support/tiny-service.ts";

// The network changes while the dashboard loads, as when a laptop is carried to another room, or the daemon is ended in that
// moment.

describe.skipIf(!needs("chromium"))("a dashboard of which a part does not come", () => {
  let fairway: Fairway;
  let browser: Browser;
  const url = (): string => fairway.client.url.replace("127.0.0.1", "localhost");
  const notYet = (page: Page) => page.getByRole("heading", { name: "The dashboard has not loaded yet" });
  const itself = (page: Page) => page.getByRole("heading", { name: "Environments" });

  async function newPage(): Promise<Page> {
    const context = await browser.newContext({ reducedMotion: "reduce" });
    context.setDefaultTimeout(60_000);
    return context.newPage();
  }

  /** Lets nothing of a path come, so many times. */
  const withhold = (page: Page, part: RegExp, times: number): Promise<unknown> => {
    let left = times;
    return page.route(
      ({ pathname }) => part.test(pathname),
      (route) => (left-- > 0 ? route.abort("connectionreset") : route.continue()),
    );
  };

  beforeAll(async () => {
    fairway = await openFairway({
      "web/server.mjs": tinyService(),
      ...configFile({ name: "story", services: { web: tinyConfig() }, environments: stagingOnly() }),
    });
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await fairway?.end();
  });

  test.each([
    ["program", /\/assets\/index-.*\.js$/],
    ["style", /\/assets\/index-.*\.css$/],
  ])("is loaded again by itself when its %s was cut off", async (_part, path) => {
    const page = await newPage();
    await withhold(page, path, 1);
    let loads = 0;
    const again = page.waitForEvent("load", () => ++loads === 2);
    await page.goto(url());
    await again;
    await itself(page).waitFor();
    // Whole, and with nothing left of what it counted.
    expect(
      await page.evaluate("document.styleSheets.length > 0 && sessionStorage.getItem('fairway.loads')"),
    ).toBeNull();
    await page.context().close();
  });

  test("says what is missing when it never comes, instead of loading for ever, and takes a person's word for another time", async () => {
    const page = await newPage();
    let loads = 0;
    page.on("request", (request) => void (request.isNavigationRequest() && loads++));
    // The daemon answers, and yet what runs as the program is always cut off.
    await page.route(/\/assets\/index-.*\.js$/, (route) =>
      route.request().resourceType() === "script" ? route.abort("connectionreset") : route.continue(),
    );
    await page.goto(url());
    await notYet(page).waitFor();
    await page.getByText("though the daemon answers").waitFor();
    await page.unrouteAll();
    await page.getByRole("button", { name: "Load it again" }).click();
    await itself(page).waitFor();
    expect(loads).toBe(7);
    await page.context().close();
  });

  test("comes by itself once the daemon that was ended meanwhile is there again", async () => {
    const page = await newPage();
    await page.goto(url());
    await itself(page).waitFor();
    await page.route(/\/assets\/index-.*\.js$/, (route) => route.abort("connectionrefused"));
    await page.reload();
    await notYet(page).waitFor();
    await page.getByText("The daemon does not answer").waitFor();
    await page.unrouteAll();
    await itself(page).waitFor();
    await page.context().close();
  });
});
