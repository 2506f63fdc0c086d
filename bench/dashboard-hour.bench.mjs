import { get } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { capabilities } from "../tools/capabilities.mjs";
import { openChromium } from "../tools/chromium.mjs";
import { commit, succeeded, withProduct } from "./product-parts.mjs";

export const name =
  "dashboard: what a page grows by that stays open while releases go back and forth, after the collector";
export const goal = { atMost: 5 };

/**
 * An hour is asked for by FAIRWAY_BENCH_MINUTES=60, of whose first twelfth nothing is counted. One of 57 minutes, 27,558 events
 * and 324 deployments on a busy machine went from 5.92 to 6.96 MB; in short ones the growth of the first minutes, which ends,
 * is most of it.
 */
const minutes = Number(process.env.FAIRWAY_BENCH_MINUTES ?? 5);
const measures = 12;
/** Between two deployments, so that some eight events come a second. */
const pause = 8_000;

const hello = `{ run: node server.mjs, health: /healthz, replicas: 3 }`;
const place = `{ deploys: automatically, services: { shop: { routes: [{ host: shop.localhost }] }, search: {}, mail: {} } }`;
const configuration = `
name: bench
services: { shop: ${hello}, search: ${hello}, mail: ${hello} }
environments: { place: ${place} }
`;

/** @typedef {import("@fairway/api").Client} Client */
/** @typedef {import("playwright-core").Page} Page */

/**
 * A visitor of the shop, and a flag that is given to more and to fewer. @param {Client} client @param {() => boolean} isOver
 */
async function beBusy(client, isOver) {
  const { routerUrl } = await client.call("status", {});
  await client.call("setFlag", { environment: "place", flag: "basket", by: "bench" });
  for (let round = 0; !isOver(); round++) {
    await client.call("rollOutFlag", { environment: "place", flag: "basket", percent: round % 101, by: "bench" });
    await new Promise((done) =>
      get(routerUrl, { headers: { host: "shop.localhost" } }, (answer) => answer.resume().once("close", done)).once(
        "error",
        done,
      ),
    );
    await wait(500);
  }
}

/** Deploys a release; a person on the home page goes there, stays until it has ended and goes back. @param {Client} client
 * @param {Page} page @param {string} release */
async function deployAndLook(client, page, release) {
  const { id } = await client.call("deploy", { environment: "place", release, by: "bench" });
  await page.locator(`main a[href$="/deployments/${id}"]`).first().click();
  await page.locator(".rollout").first().waitFor();
  await succeeded(client, id);
  await page.locator(".page-lead .badge[data-state=succeeded]").waitFor();
  await page.goBack();
  await page.locator(`main a[href$="/deployments/${id}"]`).first().waitFor();
  await wait(pause);
}

/** The same while nobody goes anywhere. @param {Client} client @param {string} release */
async function deployAlone(client, release) {
  const { id } = await client.call("deploy", { environment: "place", release, by: "bench" });
  await succeeded(client, id);
  await wait(pause);
}

/** Counts what the daemon tells. @param {Client} client @param {AbortSignal} signal */
function eventsOf(client, signal) {
  const counted = { events: 0 };
  const count = async () => {
    for await (const event of client.stream("events", { after: 0 }, signal)) if (event) counted.events++;
  };
  count().catch(() => {});
  return counted;
}

/** @param {Page} page */
async function weigh(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.enable");
  // Twice: what the first finds to end is gone by the second.
  for (let round = 0; round < 2; round++) await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  const { nodes, jsEventListeners: listeners } = await session.send("Memory.getDOMCounters");
  await session.detach();
  return { used: usedSize / 1024 ** 2, nodes, listeners };
}

export const run = () => {
  const { chromium } = capabilities;
  if (!chromium.isThere()) return { skipped: `no ${chromium.what}` };
  return withProduct(configuration, async ({ client, repository }) => {
    const api = client();
    const first = await api.call("makeRelease", { ref: "HEAD", by: "bench" });
    await succeeded(api, first.id);
    await commit(repository, "Second");
    await succeeded(api, (await api.call("makeRelease", { ref: "HEAD", by: "bench" })).id);
    const [newer = "", older = ""] = (await api.call("releases", { limit: 2 })).map(({ id }) => id);
    const browser = await openChromium();
    const leave = new AbortController();
    try {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      await page.goto(api.url);
      await page.locator("main h1").waitFor();
      const counted = eventsOf(api, leave.signal);
      const began = Date.now();
      let isOver = false;
      const busy = beBusy(api, () => isOver);
      /** @type {number[]} */
      const series = [];
      let deployments = 0;
      while (series.length <= measures) {
        if (Date.now() >= began + (series.length * minutes * 60_000) / measures) {
          const { used, nodes, listeners } = await weigh(page);
          series.push(used);
          process.stderr.write(
            `  after ${((Date.now() - began) / 60_000).toFixed(1)} min, ${counted.events} events and ${deployments} deployments: ` +
              `${used.toFixed(2)} MB, ${nodes} nodes, ${listeners} listeners\n`,
          );
        }
        await deployAndLook(api, page, older);
        await deployAlone(api, newer);
        deployments += 2;
      }
      isOver = true;
      await busy;
      // The first is of a page that has hardly been used.
      return { ours: Math.max(0, (series.at(-1) ?? Number.NaN) - (series[1] ?? Number.NaN)), unit: "MB" };
    } finally {
      leave.abort();
      await browser.close();
    }
  });
};
