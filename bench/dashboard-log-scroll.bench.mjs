import { lines, withDashboard } from "./dashboard-parts.mjs";
import { quantile } from "./product-parts.mjs";

export const name =
  "dashboard: frames in a second while a log of a million lines is scrolled, by the wheel and by the bar";
// Chromium paints sixty; what misses one in fifty is a busy machine.
export const goal = { atLeast: 59 };

export const run = () =>
  withDashboard(
    async ({ open, client, release }) => {
      const page = await open(
        `${client.url}/runs/${release}?job=${encodeURIComponent(JSON.stringify("check:hello/noise"))}`,
      );
      await page.getByText(`${lines.toLocaleString("en")} lines`).waitFor();
      const box = page.locator(".log-lines");
      await box.hover();
      const wheel = await framesWhile(page, async () => {
        for (let at = 0; at < 120; at++) await page.mouse.wheel(0, 240);
      });
      // By the bar: through all of it, some thousands of lines a frame.
      const bar = await framesWhile(page, () =>
        box.evaluate(
          (scroller) =>
            new Promise((resolve) => {
              const step = (scroller.scrollHeight - scroller.clientHeight) / 240;
              let frame = 0;
              const next = () => {
                scroller.scrollTop = ++frame * step;
                if (frame < 240) requestAnimationFrame(next);
                else resolve(undefined);
              };
              next();
            }),
        ),
      );
      await page.getByText(`line ${String(lines)}`).waitFor();
      const drawn = await page.locator(".log-line").count();
      process.stderr.write(`  wheel ${said(wheel)}; bar ${said(bar)}; ${drawn} lines are drawn at a time\n`);
      return { ours: Math.min(rate(wheel), rate(bar)), unit: "frames/s" };
    },
    { isLoud: true },
  );

/**
 * How long each frame took while something was done, in milliseconds.
 * @param {import("playwright-core").Page} page
 * @param {() => Promise<unknown>} work
 * @returns {Promise<number[]>}
 */
async function framesWhile(page, work) {
  const session = await page.context().newCDPSession(page);
  // Of its own thread, which a busy machine does not lengthen.
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const worked = async () =>
    (await session.send("Performance.getMetrics")).metrics.find((metric) => metric.name === "TaskDuration")?.value ?? 0;
  const before = await worked();
  await page.evaluate(() => {
    const seen = (globalThis.frames_ = /** @type {number[]} */ ([]));
    const next = (/** @type {number} */ at) => {
      seen.push(at);
      if (globalThis.frames_ === seen) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  await work();
  const at = await page.evaluate(() => {
    const seen = globalThis.frames_;
    globalThis.frames_ = [];
    return seen;
  });
  const frames = at.slice(1).map((time, index) => time - (at[index] ?? time));
  const perFrame = (1000 * ((await worked()) - before)) / frames.length;
  await session.detach();
  process.stderr.write(`  ${perFrame.toFixed(1)} ms of the page's processor time a frame\n`);
  return frames;
}

/** @param {readonly number[]} frames */
const rate = (frames) => (1000 * frames.length) / frames.reduce((sum, frame) => sum + frame, 0);

/** @param {readonly number[]} frames */
const said = (frames) =>
  `${rate(frames).toFixed(1)} frames/s, p95 ${quantile(frames, 0.95).toFixed(1)} ms, longest ${Math.max(...frames).toFixed(1)} ms`;
