import { median } from "./product-parts.mjs";
import { withDashboard } from "./dashboard-parts.mjs";

export const name = "dashboard: largest contentful paint of the home page, of a browser that was never there";
export const goal = { atMost: 1000 };

export const run = () =>
  withDashboard(async ({ open }) => {
    const times = [];
    for (let round = 0; round < 7; round++) {
      const page = await open();
      await page.locator("main article").first().waitFor();
      times.push(
        await page.evaluate(
          () =>
            new Promise((resolve) => {
              new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? 0)).observe({
                type: "largest-contentful-paint",
                buffered: true,
              });
            }),
        ),
      );
      await page.context().close();
    }
    process.stderr.write(`  ${times.map((time) => Math.round(time)).join(", ")} ms\n`);
    return { ours: median(times), unit: "ms" };
  });
