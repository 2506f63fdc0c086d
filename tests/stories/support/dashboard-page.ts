import type { Page } from "playwright-core";
import { openChromium } from "../../../tools/chromium.mjs";

/** Patient, because the machine may have other things to do, in milliseconds. */
const patience = 90_000;

/** Opens a page of a daemon's dashboard in Chromium, has something done there, and closes the browser however that ended. */
export async function onDashboard(url: string, path: string, act: (page: Page) => Promise<void>): Promise<void> {
  const browser = await openChromium();
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    await page.goto(`${url.replace("127.0.0.1", "localhost")}/${path}`);
    await page.locator("h1").first().waitFor();
    await act(page);
  } finally {
    await browser.close();
  }
}
