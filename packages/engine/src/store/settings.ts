import type { Json } from "../runs/stage.ts";
import type { Sql } from "./store.ts";
import { json } from "./store.ts";

/** A value that Fairway keeps about itself; undefined when it was never set. */
export async function setting(sql: Sql, name: string): Promise<Json | undefined> {
  const [row] = await sql.rows<{ value: Json }>("select value from fairway.settings where name = $1", [name]);
  return row?.value;
}

/** Keeps a value. */
export async function keepSetting(sql: Sql, name: string, value: Json): Promise<void> {
  await sql.rows(
    "insert into fairway.settings (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value",
    [name, json(value)],
  );
}
