// What the benches of the dashboard have in common: a project that was deployed, Chromium on its pages, and a stream of events
// as fast as one likes.

import { once } from "node:events";
import { createServer, request } from "node:http";
import { capabilities } from "../tools/capabilities.mjs";
import { openChromium } from "../tools/chromium.mjs";
import { succeeded, withProduct } from "./product-parts.mjs";

/** @typedef {import("playwright-core").Page} Page */
/**
 * @typedef {{ readonly client: import("@fairway/api").Client, readonly release: string, readonly deployment: string, readonly
 * open: (url?: string) => Promise<Page> }} Dashboard
 */

/** How many lines the step of the check `noise` writes. */
export const lines = 1_000_000;

const configuration = (/** @type {boolean} */ isLoud) => `
name: bench
services:
  hello: { run: node server.mjs, health: /healthz${isLoud ? ", checks: { noise: node noise.mjs }" : ""} }
environments:
  place: { deploys: automatically, services: { hello: { routes: [{ host: hello.localhost }] } } }
`;

// 60 bytes a line, of which 64 MiB are kept; every hundredth in colour.
const noise = `
const rows = 10_000;
for (let block = 0; block < ${lines} / rows; block++) {
  const text = Array.from({ length: rows }, (_, at) => {
    const line = block * rows + at + 1;
    return ("line " + String(line).padStart(7, "0") + (at % 100 === 0 ? " \\u001b[32mcompiled\\u001b[0m" : " compiled") + " in 3 ms, nothing changed").padEnd(59);
  }).join("\\n") + "\\n";
  if (!process.stdout.write(text)) await new Promise((go) => process.stdout.once("drain", go));
}
`;

/**
 * A release that was deployed, and a browser.
 * @template Result
 * @param {(dashboard: Dashboard) => Promise<Result>} measure
 * @param {{ readonly isLoud?: boolean }} [more] With a check that writes a million lines.
 * @returns {Promise<Result | { skipped: string }>}
 */
export async function withDashboard(measure, { isLoud = false } = {}) {
  const { chromium } = capabilities;
  if (!chromium.isThere()) return { skipped: `no ${chromium.what}` };
  return withProduct(
    configuration(isLoud),
    async ({ client }) => {
      const api = client();
      const { id } = await api.call("makeRelease", { ref: "HEAD", by: "bench" });
      const release = await succeeded(api, id);
      const browser = await openChromium();
      try {
        const open = async (url = api.url) => {
          const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
          const page = await context.newPage();
          page.setDefaultTimeout(60_000);
          await page.goto(url);
          return page;
        };
        return await measure({ client: api, release: id, deployment: release.next[0] ?? "", open });
      } finally {
        await browser.close();
      }
    },
    { files: isLoud ? { "noise.mjs": noise } : {} },
  );
}

/**
 * A daemon's pages and answers at another address, whose stream of events is what `tell` is given.
 * @template Result
 * @param {import("@fairway/api").Client} client
 * @param {(stream: { readonly url: string, readonly tell: (events: readonly object[]) => void, readonly listens: Promise<unknown> }) => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withEvents(client, work) {
  const daemon = new URL(client.url);
  /** @type {Set<import("node:http").ServerResponse>} */
  const streams = new Set();
  let seq = 1_000_000;
  /** @type {(value?: unknown) => void} */
  let heard = () => {};
  const listens = new Promise((resolve) => (heard = resolve));
  const server = createServer((asked, answer) => {
    if (asked.url?.startsWith("/api/v1/events")) {
      answer.writeHead(200, { "content-type": "text/event-stream" });
      answer.write(": here\n\n");
      streams.add(answer);
      asked.once("close", () => streams.delete(answer));
      return heard();
    }
    const passed = request(
      {
        host: daemon.hostname,
        port: daemon.port,
        path: asked.url,
        method: asked.method,
        headers: { ...asked.headers, host: daemon.host },
      },
      (given) => {
        answer.writeHead(given.statusCode ?? 502, given.headers);
        given.pipe(answer);
      },
    );
    passed.once("error", () => answer.destroy());
    answer.once("close", () => passed.destroy());
    asked.pipe(passed);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  try {
    return await work({
      url: `http://127.0.0.1:${port}`,
      listens,
      tell: (events) => {
        const at = new Date().toISOString();
        const text = events
          .map((event) => `id: ${++seq}\ndata: ${JSON.stringify({ seq, at, body: {}, ...event })}\n\n`)
          .join("");
        for (const stream of streams) stream.write(text);
      },
    });
  } finally {
    for (const stream of streams) stream.destroy();
    server.closeAllConnections();
    server.close();
  }
}

/** So many events in a life of a deployment, kind by kind as they come. @param {string} run @param {number} count */
export const eventsOf = (run, count) =>
  Array.from({ length: count }, (_, at) => ({ kind: kinds[at % kinds.length], subject: run }));

const kinds = [
  "step.changed",
  "job.changed",
  "rollout.moved",
  "step.changed",
  "analysis.changed",
  "step.changed",
  "run.changed",
];
