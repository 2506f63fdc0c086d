import { previewByPlace } from "./preview-by-place.ts";
import type { PreviewDatabases, PreviewOrigin, PreviewServer } from "./preview-databases.ts";
import { isPreviewOf, previewDatabaseName } from "./preview-name.ts";
import type { ServerSession } from "./preview-server.ts";
import { byCaller, ensureRole, onServer, unlessBusy, urlOf } from "./preview-server.ts";

/** A schema that says so is whole. Kept as its comment, beside what it is about. */
const whole = "a preview's schema, ready";

/**
 * A schema for each preview in the database that the connection string names, for servers on which Fairway may make no
 * databases. The connection string that a preview gets finds its schema first. There are no templates to copy: what would
 * make one is done in each schema.
 */
export function openPreviewSchemas(server: PreviewServer): PreviewDatabases {
  const { url, installation, ownRoles } = server;

  function urlOfSchema(name: string): string {
    const moved = new URL(ownRoles ? urlOf(server, name) : url);
    moved.pathname = new URL(url).pathname;
    moved.searchParams.set("options", `-c search_path=${name}`);
    return moved.href;
  }

  async function make(
    session: ServerSession,
    name: string,
    origin: PreviewOrigin,
    seed: ((url: string) => Promise<void>) | null,
  ): Promise<void> {
    await dropSchema(session, name);
    if (ownRoles) await ensureRole(session, name);
    await session.query(ownRoles ? `create schema ${name} authorization ${name}` : `create schema ${name}`);
    if (origin.from === "template") await byCaller(`prepare ${name}`, origin.prepare, urlOfSchema(name));
    if (seed !== null) await byCaller(`seed ${name}`, seed, urlOfSchema(name));
    await session.query(`comment on schema ${name} is '${whole.replaceAll("'", "''")}'`);
  }

  return {
    ...previewByPlace(server, { word: "schema", address: urlOfSchema, isWhole, make, drop: dropSchema }),

    sweep: (inUse) =>
      onServer(url, "sweep the schemas of previews", async (session) => {
        const { rows } = await session.query<{ name: string }>(
          "select nspname as name from pg_namespace union select rolname from pg_roles order by name",
        );
        const ours = rows.map(({ name }) => name).filter((name) => isPreviewOf(installation, name));
        const { places } = await inUse();
        const kept = new Set(places.map((place) => previewDatabaseName(installation, place)));
        const dropped: string[] = [];
        for (const name of ours.filter((one) => !kept.has(one)))
          if (await unlessBusy(session, name, () => dropSchema(session, name))) dropped.push(name);
        return dropped;
      }),
  };
}

async function isWhole(session: ServerSession, name: string): Promise<boolean> {
  const { rowCount } = await session.query(
    "select from pg_namespace where nspname = $1 and obj_description(oid, 'pg_namespace') = $2",
    [name, whole],
  );
  return rowCount !== 0;
}

/** Takes a schema and its role away; false when neither was there. */
async function dropSchema(session: ServerSession, name: string): Promise<boolean> {
  const hadSchema = (await session.query("select from pg_namespace where nspname = $1", [name])).rowCount !== 0;
  if (hadSchema) await session.query(`drop schema if exists ${name} cascade`);
  const hadRole = (await session.query("select from pg_roles where rolname = $1", [name])).rowCount !== 0;
  if (hadRole) {
    await session.query("select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = $1", [name]);
    await session.query(`drop owned by ${name} cascade`);
    await session.query(`drop role if exists ${name}`);
  }
  return hadSchema || hadRole;
}
