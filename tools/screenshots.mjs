// Photographs every page of a dashboard, in both themes, as wide as a telephone and as a desk: what is reviewed, and what
// README and docs show. `node tools/screenshots.mjs http://127.0.0.1:7300 shots`, while `npm start` runs.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@fairway/api";
import { openChromium } from "./chromium.mjs";
import { dashboardPages } from "./dashboard-pages.mjs";

const sizes = [
  { width: 360, height: 780 },
  { width: 1440, height: 900 },
];
const themes = /** @type {const} */ (["light", "dark"]);

/**
 * As high as the page: what nobody sees is not laid out, so a picture of more than the window would show gaps.
 *
 * @param {import("playwright-core").Page} page
 * @param {number} least
 * @returns {Promise<number>}
 */
async function heightOf(page, least) {
  return Math.max(least, Math.min(8000, Number(await page.evaluate("document.documentElement.scrollHeight"))));
}

const [, , url, folder] = process.argv;
if (url === undefined || folder === undefined) {
  process.stderr.write(
    "give the daemon's address and a folder: node tools/screenshots.mjs http://127.0.0.1:7300 shots\n",
  );
  process.exit(64);
}
const base = `${url.replace(/\/$/, "")}/`;
mkdirSync(folder, { recursive: true });
const pages = await dashboardPages(createClient(base), {
  leaveOut: (missing) => process.stderr.write(`there is nothing to show on ${missing.join(", ")}\n`),
});
const browser = await openChromium();
try {
  for (const colorScheme of themes)
    for (const viewport of sizes) {
      const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
      const page = await context.newPage();
      for (const { name, path, last } of pages) {
        await page.setViewportSize(viewport);
        await page.goto(base + path);
        await page.locator("h1").first().waitFor();
        await page.locator(".loading").first().waitFor({ state: "detached" });
        if (last !== undefined) await page.locator(last).first().waitFor();
        await page.setViewportSize({ width: viewport.width, height: await heightOf(page, viewport.height) });
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${viewport.width}.png`), fullPage: true });
      }
      await context.close();
    }
} finally {
  await browser.close();
}
process.stdout.write(`${pages.length * themes.length * sizes.length} pictures in ${folder}\n`);
