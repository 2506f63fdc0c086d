import { setTimeout as wait } from "node:timers/promises";
import { eventsOf, withDashboard, withEvents } from "./dashboard-parts.mjs";
import { quantile } from "./product-parts.mjs";

export const name = "dashboard: from a key to the next frame with 500 updates a second, p99; no key may be lost";
export const goal = { atMost: 100 };

const perSecond = 500;
// As long as the field takes.
const words = "what somebody writes while a deployment moves and all of it is told ".repeat(3).slice(0, 198);

export const run = () =>
  withDashboard(({ open, client, deployment, release }) =>
    withEvents(client, async ({ url, tell, listens }) => {
      const page = await open(`${url}/runs`);
      await listens;
      const field = page.getByLabel("Title");
      await field.focus();
      await page.evaluate(() => {
        const times = (globalThis.keys_ = /** @type {number[]} */ ([]));
        addEventListener(
          "keydown",
          ({ timeStamp }) => {
            // The frame after this one: what the key changed has been painted then.
            requestAnimationFrame(() => setTimeout(() => times.push(performance.now() - timeStamp)));
          },
          { capture: true },
        );
      });
      const both = [...eventsOf(deployment, 5), ...eventsOf(release, 5)];
      let told = 0;
      const began = performance.now();
      const telling = setInterval(() => {
        const due = Math.floor(((performance.now() - began) * perSecond) / 1000) - told;
        for (let left = due; left > 0; left -= both.length) tell(both.slice(0, Math.min(left, both.length)));
        told += Math.max(0, due);
      }, 10);
      try {
        for (const letter of words) {
          await page.keyboard.press(letter === " " ? "Space" : letter);
          await wait(40);
        }
      } finally {
        clearInterval(telling);
      }
      const seconds = (performance.now() - began) / 1000;
      const written = await field.inputValue();
      if (written !== words) throw new Error(`of ${words.length} keys ${written.length} arrived: ${written}`);
      const times = await page.evaluate(() => globalThis.keys_);
      process.stderr.write(
        `  ${Math.round(told / seconds)} updates a second, ${times.length} keys; median ${quantile(times, 0.5).toFixed(1)} ms, longest ${Math.max(...times).toFixed(1)} ms\n`,
      );
      return { ours: quantile(times, 0.99), unit: "ms" };
    }),
  );
