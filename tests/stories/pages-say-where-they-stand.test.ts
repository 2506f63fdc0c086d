import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openChromium } from "../../tools/chromium.mjs";
import type { PageStates } from "../../tools/dashboard-states.ts";
import { pageStates } from "../../tools/dashboard-states.ts";
import { needs } from "../../tools/skips.ts";
import { faultsOfAccess, settled, walk, wrongForViewer } from "./support/dashboard-walk.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";

// Every page of the dashboard in Chromium, on a real daemon whose project has nothing in it: while its answers come, when there
// is nothing to show, while the network is gone, and for somebody who may only look. What each shows then is in
// `tools/dashboard-states.ts`. The last test turns the login on.

const patience = 60_000;
/** All but who looks and what happens: without those there is no page. */
const isQuestion = ({ pathname }: URL): boolean => /^\/api\/v1\/(?!me$|events$)/.test(pathname);

describe.skipIf(!needs("chromium"))("a page of the dashboard", () => {
  let fairway: Fairway;
  let browser: Browser;
  const url = (path: string): string => `${fairway.client.url.replace("127.0.0.1", "localhost")}/${path}`;

  /** A browser of somebody who has never been here, at a page that asks for nothing. */
  async function fresh(): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    await page.goto(url("there-is-no-such-page"));
    await page.locator("h1").first().waitFor();
    return { context, page };
  }

  /** Which of the sentences a page does not say. */
  async function unsaid(page: Page, sentences: readonly string[]): Promise<readonly string[]> {
    const words = await page.evaluate<string>("document.querySelector('main#main').innerText.replaceAll('\\n', ' ')");
    return sentences.filter((each) => !words.includes(each)).map((each) => `does not say "${each}"`);
  }

  /** What is wrong with every page, by its route. */
  async function faultsOf(look: (states: PageStates) => Promise<readonly string[]>): Promise<string[]> {
    const found: string[] = [];
    for (const states of pageStates) found.push(...(await look(states)).map((fault) => `${states.route} ${fault}`));
    return found;
  }

  const away = (page: Page): Locator => page.getByText("The daemon does not answer. What you see is from before");

  beforeAll(async () => {
    fairway = await openFairway({});
    browser = await openChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await fairway?.end();
  });

  test("has its heading at once, says that it is loading, and not that there is nothing", async () => {
    const { context, page } = await fresh();
    let release: () => void = () => undefined;
    const released = new Promise<void>((done) => (release = done));
    await page.route(isQuestion, async (route) => {
      await released;
      await route.continue();
    });
    const found = await faultsOf(async ({ path, heading, empty, asksNothing }) => {
      await walk(page, url(path));
      const said = await page.locator("main#main h1").textContent();
      const faults = said === heading ? [] : [`is called "${said}"`];
      if (asksNothing === true) return faults;
      // Read aloud, and drawn as what will be there.
      if ((await page.getByRole("status").filter({ hasText: "Loading" }).count()) === 0) faults.push("is not busy");
      if ((await page.locator("main .empty, main [role=alert]").count()) > 0) faults.push("says how it ended");
      const unsaidYet = await unsaid(page, empty);
      return unsaidYet.length === empty.length ? faults : [...faults, "says already what it cannot know"];
    });
    await walk(page, url("locks"));
    release();
    await settled(page);
    found.push(...(await unsaid(page, ["The project has no environment yet"])));
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await context.close();
    expect(found).toEqual([]);
  });

  test("says that there is nothing and what would put something there; without a network it stays, and says so", async () => {
    const { context, page } = await fresh();
    const found = await faultsOf(async ({ path, heading, empty, isOfOne }) => {
      await walk(page, url(path));
      await settled(page);
      const said = await page.locator("main#main h1").textContent();
      const faults = said === heading ? [] : [`is called "${said}"`];
      faults.push(...(await unsaid(page, empty)));
      const alerts = await page.locator("main [role=alert]").count();
      if (alerts !== (isOfOne === true ? 1 : 0)) faults.push(`tells of ${alerts} problems`);
      faults.push(...(await faultsOfAccess(page)));
      await context.setOffline(true);
      await away(page).waitFor();
      faults.push(...(await unsaid(page, empty)).map((fault) => `${fault} without a network`));
      if ((await page.locator("main .loading").count()) > 0) faults.push("is loading again without a network");
      await context.setOffline(false);
      await away(page).waitFor({ state: "detached" });
      faults.push(...(await unsaid(page, empty)).map((fault) => `${fault} when the network is back`));
      return faults;
    });
    await context.close();
    expect(found).toEqual([]);
  });

  test("that was never opened comes by itself once the network that was gone is back", async () => {
    const { context, page } = await fresh();
    await context.setOffline(true);
    await walk(page, url("locks"));
    await away(page).waitFor();
    await page.getByText("It is loaded as soon as the daemon answers").waitFor();
    await context.setOffline(false);
    await page.getByRole("heading", { level: 1, name: "Locks" }).waitFor();
    await page.getByText("The project has no environment yet").waitFor();
    await context.close();
  });

  test("lets somebody who may only look press nothing, says why, and who may where it shows them nothing", async () => {
    const { client } = fairway;
    await client.call("addPerson", { name: by, password: "four words of ada's", role: "admin" });
    fairway.actAs((await client.call("login", { name: by, password: "four words of ada's" })).token);
    await client.call("addPerson", { name: "vera", password: "four words of vera's", role: "viewer" });
    const { context, page } = await fresh();
    await page.getByLabel("Name").fill("vera");
    await page.getByLabel("Password").fill("four words of vera's");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { level: 1, name: "Nothing here" }).waitFor();
    const found = await faultsOf(async (states) => {
      await walk(page, url(states.path));
      await settled(page);
      return wrongForViewer(page, states);
    });
    await context.close();
    expect(found).toEqual([]);
  });
});
