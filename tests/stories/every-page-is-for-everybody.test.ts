import type { Browser, Page, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openChromium } from "../../tools/chromium.mjs";
import { dashboardPages } from "../../tools/dashboard-pages.mjs";
import { statesAt } from "../../tools/dashboard-states.ts";
import { photograph, sizes, themes } from "../../tools/photograph.mjs";
import { needs } from "../../tools/skips.ts";
import { faultsOfAccess, openDialogs, settled, walk, wrongForViewer } from "./support/dashboard-walk.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import type { PersonThere } from "./support/full-project.ts";
import { openFullProject, passwordOf } from "./support/full-project.ts";

// Every page of the dashboard in Chromium, of a project that has something to show on each, for everybody: in both sizes and
// themes, without one left out, for somebody who may only look, and while the network is gone.

const patience = 90_000;
/** Where the pictures of all pages are kept, if somebody wants them. */
const pictures = process.env.FAIRWAY_PICTURES;
/** All but who looks and what happens: without those there is no page. */
const isQuestion = ({ pathname }: URL): boolean => /^\/api\/v1\/(?!me$|events$)/.test(pathname);

describe.skipIf(!needs("chromium", "time"))("every page of a full project", () => {
  let fairway: Fairway;
  let browser: Browser;
  const url = (path: string): string => `${fairway.client.url.replace("127.0.0.1", "localhost")}/${path}`;

  async function loggedIn(person: PersonThere): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    await page.goto(url("there-is-no-such-page"));
    await page.getByLabel("Name").fill(person);
    await page.getByLabel("Password").fill(passwordOf(person));
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { level: 1, name: "Nothing here" }).waitFor();
    return page;
  }

  /** Goes to one page after the other, and gathers what is wrong with each. */
  async function faultsOf(
    page: Page,
    look: (path: string, name: string) => Promise<readonly string[]>,
  ): Promise<readonly string[]> {
    const found: string[] = [];
    for (const { name, path, last } of await dashboardPages(fairway.client)) {
      if (name === "nothing-here" || name === "welcome") await page.goto(url(path));
      else await walk(page, url(path));
      await settled(page);
      if (last !== undefined) await page.locator(last).first().waitFor();
      found.push(...(await look(path, name)).map((fault) => `${name} ${fault}`));
    }
    return found;
  }

  beforeAll(async () => {
    fairway = await openFullProject();
    browser = await openChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await fairway?.end();
  });

  test(
    "has no fault of access on a telephone and at a desk, light and dark, and is never too wide",
    { timeout: 6 * 60_000 },
    async () => {
      const page = await loggedIn("ada");
      const found = await faultsOf(page, async (_, name) => {
        const faults: string[] = [];
        for (const size of sizes)
          for (const theme of themes) {
            await page.setViewportSize(size);
            await page.emulateMedia({ colorScheme: theme });
            faults.push(...(await faultsOfAccess(page)).map((fault) => `at ${size.width} ${theme}: ${fault}`));
            if (pictures !== undefined) await photograph(page, { folder: pictures, name, theme });
          }
        for (const width of [360, 2560]) {
          await page.setViewportSize({ width, height: 900 });
          const wider = await page.evaluate<number>("document.documentElement.scrollWidth - window.innerWidth");
          if (wider > 0) faults.push(`at ${width}: ${wider} pixels too wide`);
        }
        return faults;
      });
      await page.context().close();
      expect(found).toEqual([]);
    },
  );

  test(
    "opens dialogs that have no fault of access either, and are never too wide for a telephone",
    { timeout: 6 * 60_000 },
    async () => {
      const page = await loggedIn("ada");
      const opened = new Set<string>();
      const found = await faultsOf(page, async () => {
        const faults: string[] = [];
        await page.setViewportSize({ width: 1440, height: 900 });
        await openDialogs(page, async (verb) => {
          opened.add(verb);
          for (const size of sizes)
            for (const theme of themes) {
              await page.setViewportSize(size);
              await page.emulateMedia({ colorScheme: theme });
              const wrong = await faultsOfAccess(page, "dialog[open]");
              faults.push(...wrong.map((fault) => `"${verb}" at ${size.width} ${theme}: ${fault}`));
            }
          await page.setViewportSize({ width: 360, height: 900 });
          const wider = await page.evaluate<number>(
            `(() => { const it = document.querySelector("dialog[open]"); return Math.max(it.scrollWidth - it.clientWidth, it.getBoundingClientRect().right - window.innerWidth); })()`,
          );
          if (wider > 0) faults.push(`"${verb}" at 360: ${wider} pixels too wide`);
          await page.setViewportSize({ width: 1440, height: 900 });
        });
        return faults;
      });
      await page.context().close();
      expect(opened.size).toBeGreaterThan(25);
      expect(found).toEqual([]);
    },
  );

  test("lets somebody who may only look press nothing, says why, and who may where it shows them nothing", async () => {
    const page = await loggedIn("vera");
    const found = await faultsOf(page, (path) => wrongForViewer(page, statesAt(path)));
    await page.context().close();
    expect(found).toEqual([]);
  });

  test("keeps all it has while the network is gone, and when it is then refused its answers anew, and says so", async () => {
    const page = await loggedIn("ada");
    const gone = page.getByText("The daemon does not answer. What you see is from before");
    const old = page.locator(".connection").getByText("Some of what you see is from before");
    const parts = async (): Promise<readonly number[]> =>
      page.evaluate(
        `["h1", "h2", "tr", "li", "a", "button", ".note", ".log-line"].map((part) => document.querySelectorAll("main .page " + part).length)`,
      );
    /** What is not there any more, or is being waited for again. More may have come meanwhile. */
    const lost = async (before: readonly number[], when: string): Promise<readonly string[]> => {
      const now = await parts();
      const loading = await page.locator("main .loading").count();
      return [
        ...(now.some((count, part) => count < (before[part] ?? 0))
          ? [`has ${String(now)} of what were ${String(before)} parts ${when}`]
          : []),
        ...(loading > 0 ? [`is loading again ${when}`] : []),
      ];
    };
    const refuse = async (route: Route): Promise<void> =>
      route.fulfill({
        status: 500,
        json: { code: "database_unusable", message: "it cannot be read", retryable: false, problems: [] },
      });
    const found = await faultsOf(page, async (path) => {
      const before = await parts();
      const isAnswered = (await page.getByRole("heading", { level: 1, name: "asks nothing" }).count()) > 0;
      await page.context().setOffline(true);
      await gone.waitFor();
      const away = await lost(before, "without a network");
      // Once the network is back, all is asked again.
      await page.route(isQuestion, refuse);
      await page.context().setOffline(false);
      await gone.waitFor({ state: "detached" });
      // What asks for nothing, or was told that nothing is there, has nothing that is from before.
      const hasAnswers = statesAt(path) !== undefined && !isAnswered;
      if (hasAnswers) await old.waitFor();
      const refused = hasAnswers ? await lost(before, "when it is refused its answers anew") : [];
      await page.unroute(isQuestion, refuse);
      // An event may have asked again already; the second asks what has nothing from before.
      await page.evaluate(`document.querySelector(".connection button, main [role=alert] button")?.click()`);
      await old.waitFor({ state: "detached" });
      return [...away, ...refused];
    });
    await page.context().close();
    expect(found).toEqual([]);
  });
});
