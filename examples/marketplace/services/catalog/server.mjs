import { readFile } from "node:fs/promises";

import { readFacts } from "../../shared/facts.mjs";
import { createHttpService } from "../../shared/http-service.mjs";
import { createLog, errorFields } from "../../shared/log.mjs";
import { run } from "../../shared/run.mjs";

import { createMemoryStore } from "./memory-store.mjs";
import { catalogRoutes } from "./routes.mjs";
import { answerWhenDatabaseIsAway, prepareUntilReady } from "./database-away.mjs";

const facts = readFacts();
const log = createLog(facts);
const listings = JSON.parse(await readFile(new URL("listings.json", import.meta.url), "utf8"));

async function openStore(databaseUrl) {
  if (!databaseUrl) {
    log.warn("DATABASE_URL is not set: orders are kept in memory and are gone when this process ends");
    return createMemoryStore(listings);
  }
  const { createPostgresStore } = await import("./postgres-store.mjs");
  return createPostgresStore(databaseUrl, listings, log);
}

const store = await openStore(process.env.DATABASE_URL);
const stopped = new AbortController();
let ready = false;

const service = createHttpService({
  facts,
  log,
  routes: answerWhenDatabaseIsAway(catalogRoutes({ store, facts }), log),
  health: () => ({ ready, store: store.kind }),
});

await run({
  server: service.server,
  log,
  async stop() {
    stopped.abort();
    await service.stop();
    await store.close();
  },
});

try {
  ready = await prepareUntilReady(store, log, stopped.signal);
} catch (error) {
  // 42P01 is undefined_table.
  const hint = error.code === "42P01" ? "; its migrations have not been run: npm run migrate" : "";
  log.error(`the database cannot be used${hint}`, errorFields(error));
  process.exit(1);
}
