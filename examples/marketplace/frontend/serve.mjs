import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { readFacts } from "../shared/facts.mjs";
import { createHttpService } from "../shared/http-service.mjs";
import { createLog } from "../shared/log.mjs";
import { run } from "../shared/run.mjs";

import { siteRoutes } from "./site.mjs";

const { API_GATEWAY_PUBLIC_URL, WEBSOCKET_PUBLIC_URL, FAIRWAY_STATE_DIRECTORY, MARKET_CONTRACTS } = process.env;
const facts = readFacts();
const log = createLog(facts);

const routes = await siteRoutes({
  site: fileURLToPath(new URL("site/", import.meta.url)),
  sharedAssets: FAIRWAY_STATE_DIRECTORY ? join(FAIRWAY_STATE_DIRECTORY, "assets") : null,
  config: {
    environment: facts.environment,
    release: facts.release,
    sha: facts.sha,
    apiUrl: API_GATEWAY_PUBLIC_URL ?? "/api",
    liveUrl: WEBSOCKET_PUBLIC_URL ?? "/live",
    // Those of this release, on the chain of this environment; null where there is none.
    contracts: JSON.parse(MARKET_CONTRACTS ?? "null"),
  },
});
const service = createHttpService({ facts, log, routes });
await run({ server: service.server, log, stop: service.stop });
