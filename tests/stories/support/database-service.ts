import type { ProjectConfig, ServiceConfig } from "@fairway/config";
import type { Files } from "./git-project.ts";
import { configFile } from "./git-project.ts";
import { stagingOnly, tinyConfig } from "./tiny-service.ts";

/**
 * A service that asks its database for each answer, in plain Node; the driver is the one that lies beside the stories. It says
 * which columns its table has, so that a story sees which schema a version met.
 */
const databaseService = (query: string, says = "hello"): string => `import { createServer } from "node:http";
import { createRequire } from "node:module";

const { Pool } = createRequire(${JSON.stringify(import.meta.url)})("pg");
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
pool.on("error", () => undefined);
const { PORT, HOST, FAIRWAY_RELEASE } = process.env;
const columns = "select array_agg(attname::text order by attnum) as names from pg_attribute where attrelid = 'orders'::regclass and attnum > 0 and not attisdropped";
const server = createServer(async (request, response) => {
  try {
    await pool.query(${JSON.stringify(query)});
    if (request.url === "/healthz") return void response.writeHead(200).end("well");
    const { rows } = await pool.query(columns);
    const body = { says: ${JSON.stringify(says)}, release: FAIRWAY_RELEASE, columns: rows[0].names };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  } catch (thrown) {
    response.writeHead(500).end(String(thrown));
  }
});
server.listen(Number(PORT), HOST);
process.on("SIGTERM", () => { server.close(() => pool.end()); server.closeIdleConnections(); });
`;

/** The files of a project with one service, `web`, its migrations in `web/db`, and the query that each answer makes. */
export const databaseProject = (
  query: string,
  migrations: Readonly<Record<string, string>>,
  {
    service = {},
    environments = stagingOnly(),
  }: { readonly service?: ServiceConfig; readonly environments?: ProjectConfig["environments"] } = {},
): Files => ({
  "web/server.mjs": databaseService(query),
  ...Object.fromEntries(Object.entries(migrations).map(([name, sql]) => [`web/db/${name}`, sql])),
  ...configFile({
    name: "story",
    services: { web: tinyConfig({ database: true, migrations: "db", ...service }) },
    ...(environments ? { environments } : {}),
  }),
});
