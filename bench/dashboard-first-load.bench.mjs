import { gzipSync } from "node:zlib";
import { withDashboard } from "./dashboard-parts.mjs";

export const name = "dashboard: JavaScript of the home page's first load, gzipped";
export const goal = { atMost: 200 };

export const run = () =>
  withDashboard(async ({ open, client }) => {
    const page = await open("about:blank");
    /** @type {Promise<number>[]} */
    const scripts = [];
    page.on("response", (response) => {
      if (response.request().resourceType() === "script")
        scripts.push(response.body().then((body) => gzipSync(body).length));
    });
    await page.goto(client.url);
    await page.locator("main article").first().waitFor();
    const sizes = await Promise.all(scripts);
    return { ours: sizes.reduce((sum, size) => sum + size, 0) / 1000, unit: "kB" };
  });
