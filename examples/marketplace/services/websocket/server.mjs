import { readFacts } from "../../shared/facts.mjs";
import { createHttpService } from "../../shared/http-service.mjs";
import { createLog } from "../../shared/log.mjs";
import { Problem } from "../../shared/problem.mjs";
import { run } from "../../shared/run.mjs";
import { createUpstream } from "../../shared/upstream.mjs";

import { createLive } from "./live.mjs";

const facts = readFacts();
const log = createLog(facts);
const catalog = createUpstream({ name: "catalog", baseUrl: process.env.CATALOG_URL });
let listings = [];

/** Looks at what is for sale. While the catalog is away the prices of what was last seen go on. */
async function refresh() {
  try {
    const { status, body } = await catalog.call("GET", "/listings");
    if (status === 200) listings = body.listings;
    else log.warn("the catalog has no listings for us", { status });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    log.warn("the catalog could not be asked", { error: error.message });
  }
}

const live = createLive({ facts, listings: () => listings });
const service = createHttpService({
  facts,
  log,
  routes: [
    {
      method: "GET",
      path: "/live",
      handle: () => {
        throw new Problem(426, "upgrade_required", "This is a WebSocket: connect with ws:// or wss://.", {
          upgrade: "websocket",
        });
      },
    },
  ],
  health: () => ({ ready: true, connections: live.connections }),
});
service.server.on("upgrade", live.upgrade);

const timers = [setInterval(live.tick, 1000), setInterval(live.beat, 20_000), setInterval(refresh, 15_000)];
await run({
  server: service.server,
  log,
  async stop() {
    for (const timer of timers) clearInterval(timer);
    live.stop();
    await service.stop();
    catalog.close();
  },
});
// Listening does not wait for this: a page that connects early gets its prices with the next tick.
await refresh();
