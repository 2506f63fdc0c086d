import { setTimeout as wait } from "node:timers/promises";
import { eventsOf, withDashboard, withEvents } from "./dashboard-parts.mjs";

export const name = "dashboard: what a live page of a deployment grows by in 100,000 updates, after the collector";
export const goal = { atMost: 5 };

const updates = Number(process.env.FAIRWAY_BENCH_UPDATES ?? 100_000);
/** Told at once; a page that lags behind would only gather them. */
const batch = 200;

export const run = () =>
  withDashboard(({ open, client, deployment }) =>
    withEvents(client, async ({ url, tell, listens }) => {
      const page = await open(`${url}/deployments/${deployment}`);
      await listens;
      await page.locator(".rollout").first().waitFor();
      const session = await page.context().newCDPSession(page);
      await session.send("HeapProfiler.enable");
      const told = async (/** @type {number} */ count) => {
        for (let done = 0; done < count; done += batch) {
          tell(eventsOf(deployment, Math.min(batch, count - done)));
          await wait(50);
        }
        await wait(1_000);
        // Twice: what the first finds to end is gone by the second.
        for (let round = 0; round < 2; round++) await session.send("HeapProfiler.collectGarbage");
        const { usedSize } = await session.send("Runtime.getHeapUsage");
        const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
        return { used: usedSize / 1024 ** 2, nodes };
      };
      const before = await told(updates / 10);
      const after = await told(updates);
      process.stderr.write(
        `  ${before.used.toFixed(2)} MB with ${before.nodes} elements, then ${after.used.toFixed(2)} MB with ${after.nodes}\n`,
      );
      return { ours: Math.max(0, after.used - before.used), unit: "MB" };
    }),
  );
