import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";

/** Has statements run in a daemon's embedded database, for what would take days to come about: age, or thousands of rows. */
export async function inDatabase(data: string, statements: readonly string[]): Promise<void> {
  const pid = await readFile(join(data, "database/postgres/postmaster.pid"), "utf8");
  const [, , , port, host] = pid.split("\n");
  const client = new Client({ host: host ?? "", port: Number(port), user: "fairway", database: "postgres" });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
