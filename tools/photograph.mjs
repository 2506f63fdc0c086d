// A picture of a page of the dashboard, as reviews, README and docs have it.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** As wide as a telephone and as a desk. */
export const sizes = [
  { width: 360, height: 780 },
  { width: 1440, height: 900 },
];
export const themes = /** @type {const} */ (["light", "dark"]);

/**
 * Writes the picture of a page that stands still into a folder. As high as the page: what nobody sees is not laid out, so a
 * picture of more than the window would show gaps.
 *
 * @param {import("playwright-core").Page} page
 * @param {{ readonly folder: string, readonly name: string, readonly theme: string }} picture
 */
export async function photograph(page, { folder, name, theme }) {
  const viewport = page.viewportSize() ?? { width: 1440, height: 900 };
  const high = Number(await page.evaluate("document.documentElement.scrollHeight"));
  mkdirSync(folder, { recursive: true });
  await page.setViewportSize({ ...viewport, height: Math.max(viewport.height, Math.min(8000, high)) });
  await page.screenshot({ path: join(folder, `${name}-${theme}-${viewport.width}.png`), fullPage: true });
  await page.setViewportSize(viewport);
}
