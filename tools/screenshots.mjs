// Photographs every page of a dashboard, in both themes, as wide as a telephone and as a desk: what is reviewed, and what
// README and docs show (docs/pictures/dashboard-home.png is home-light-1440.png).
// `node tools/screenshots.mjs http://127.0.0.1:7300 shots`, while `npm start` runs.

import { createClient } from "@fairway/api";
import { openChromium } from "./chromium.mjs";
import { dashboardPages } from "./dashboard-pages.mjs";
import { photograph, sizes, themes } from "./photograph.mjs";

const [, , url, folder] = process.argv;
if (url === undefined || folder === undefined) {
  process.stderr.write(
    "give the daemon's address and a folder: node tools/screenshots.mjs http://127.0.0.1:7300 shots\n",
  );
  process.exit(64);
}
const base = `${url.replace(/\/$/, "")}/`;
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
        await page.goto(base + path);
        await page.locator("h1").first().waitFor();
        await page.locator(".loading").first().waitFor({ state: "detached" });
        if (last !== undefined) await page.locator(last).first().waitFor();
        await photograph(page, { folder, name, theme: colorScheme });
      }
      await context.close();
    }
} finally {
  await browser.close();
}
process.stdout.write(`${pages.length * themes.length * sizes.length} pictures in ${folder}\n`);
