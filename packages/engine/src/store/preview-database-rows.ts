import type { Sql } from "./store.ts";

/** Writes down that a service of a preview is to have a database. May be repeated. */
export async function noteDatabase(sql: Sql, preview: number, service: string): Promise<void> {
  await sql.rows("insert into fairway.preview_databases (preview, service) values ($1, $2) on conflict do nothing", [
    preview,
    service,
  ]);
}

/** The services of previews that have databases, of one preview or of all that have not ended. */
export const databasesOf = (
  sql: Sql,
  preview: number | null,
): Promise<readonly { readonly id: number; readonly name: string; readonly service: string }[]> =>
  sql.rows(
    `select p.id, p.name, d.service from fairway.preview_databases d join fairway.previews p on p.id = d.preview
     where p.id = $1 or ($1::integer is null and p.state <> 'ended') order by p.id, d.service`,
    [preview],
  );

/** Whether a service's database of a preview was filled. */
export async function isSeeded(sql: Sql, preview: number, service: string): Promise<boolean> {
  const found = await sql.rows(
    "select from fairway.preview_databases where preview = $1 and service = $2 and seeded_at is not null",
    [preview, service],
  );
  return found.length > 0;
}

/** Notes that it was. May be repeated. */
export async function noteSeeded(sql: Sql, preview: number, service: string): Promise<void> {
  await sql.rows("update fairway.preview_databases set seeded_at = now() where preview = $1 and service = $2", [
    preview,
    service,
  ]);
}
