import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@fairway/api";
import pg from "pg";

/** What the credential is called in examples/marketplace/ops. */
export const rotated = "credential/reporting@production:rotate";

/**
 * Makes a role for reports in the daemon's own PostgreSQL and keeps its address as a secret, as a team would have done long
 * before: what is exchanged then is a real role of a real server. That server trusts whoever reaches its socket, so a role that
 * is shut out is refused for what it is and not for its password.
 */
export async function makeReportingRole(url, data) {
  // A cluster lies in a folder of its version's; the fifth line of PostgreSQL's own file says where its socket is.
  const database = join(data, "database");
  const files = (await readdir(database)).map((name) => join(database, name, "postmaster.pid"));
  const [file] = files.filter((one) => existsSync(one));
  if (file === undefined) throw new Error(`no server runs in ${database}`);
  const [, , , port, host] = (await readFile(file, "utf8")).split("\n");
  const address = (user) => `postgresql://${user}@localhost:${port}/postgres?host=${encodeURIComponent(host ?? "")}`;
  const client = new pg.Client({ host, port: Number(port), user: "fairway", database: "postgres" });
  await client.connect();
  try {
    await client.query("create role reporting login");
  } finally {
    await client.end();
  }
  for (const [name, value] of [
    ["REPORTING_DATABASE_URL", address("reporting:first")],
    ["REPORTING_ADMIN_URL", address("fairway")],
  ])
    await createClient(url).call("setSecret", { name, environment: "production", value, by: "demo" });
}
