import { randomUUID } from "node:crypto";
import { setting } from "./settings.ts";
import type { Sql } from "./store.ts";

const named = "installation";

/** What this installation is told apart by where several share something; it lives as long as the database of Fairway. */
export async function installationOf(sql: Sql): Promise<string> {
  const known = await setting(sql, named);
  if (typeof known === "string") return known;
  // The first name that is kept is the name.
  await sql.rows("insert into fairway.settings (name, value) values ($1, $2) on conflict do nothing", [
    named,
    JSON.stringify(randomUUID()),
  ]);
  return (await setting(sql, named)) as string;
}
