import { readFacts } from "../../shared/facts.mjs";
import { createFlags } from "../../shared/flags.mjs";
import { createHttpService } from "../../shared/http-service.mjs";
import { createLog } from "../../shared/log.mjs";
import { run } from "../../shared/run.mjs";
import { createUpstream } from "../../shared/upstream.mjs";

import { gatewayRoutes } from "./gateway.mjs";

const facts = readFacts();
const log = createLog(facts);
const catalog = createUpstream({ name: "catalog", baseUrl: process.env.CATALOG_URL });
const inference = createUpstream({ name: "inference", baseUrl: process.env.INFERENCE_URL });

const flags = createFlags(process.env);

const service = createHttpService({
  facts,
  log,
  routes: gatewayRoutes({ facts, catalog, inference, flags, origin: process.env.ALLOWED_ORIGIN }),
});

await run({
  server: service.server,
  log,
  async stop() {
    await service.stop();
    catalog.close();
    inference.close();
    flags.close();
  },
});
