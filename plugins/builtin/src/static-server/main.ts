// Serves the folder it is started in: what a service with `static` runs. One replica is one of these processes.

import { createServer } from "node:http";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openBundle } from "./bundle.ts";
import { isHashed } from "./choose-answer.ts";
import { shareAssets } from "./shared-assets.ts";
import { staticServer } from "./static-server.ts";

const { values } = parseArgs({
  options: { fallback: { type: "string" }, health: { type: "string", default: "/healthz" } },
});
const state = process.env["FAIRWAY_STATE_DIRECTORY"];
const shared = state === undefined ? null : join(state, "assets");
const bundle = await openBundle(process.cwd());
if (shared !== null) await shareAssets(bundle.root, [...bundle.files].filter(isHashed), shared, Date.now());
const server = createServer(
  { keepAliveTimeout: 75_000 },
  staticServer(bundle, { fallback: values.fallback ?? null, healthPath: values.health, shared }),
);
server.listen(Number(process.env["PORT"] ?? 0), process.env["HOST"] ?? "127.0.0.1", () => {
  process.stdout.write(`serving ${bundle.files.size} files\n`);
});
process.once("SIGTERM", () => {
  server.close();
  server.closeIdleConnections();
});
