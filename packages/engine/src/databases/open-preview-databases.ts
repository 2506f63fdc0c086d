import { setTimeout as wait } from "node:timers/promises";
import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { sqlState } from "@fairway/migrations";
import { giveTo } from "./give-to.ts";
import { previewByPlace } from "./preview-by-place.ts";
import type { PreviewDatabases, PreviewOrigin, PreviewServer } from "./preview-databases.ts";
import {
  finishedTemplate,
  isPreviewOf,
  isTemplateOf,
  previewDatabaseName,
  templateName,
  unfinishedTemplate,
} from "./preview-name.ts";
import type { ServerSession } from "./preview-server.ts";
import { byCaller, ensureRole, inTurn, onServer, unlessBusy, unlessGone, urlOf } from "./preview-server.ts";

/** A database that says so is whole: seeded, and its owner's. Kept as its comment, in the server's own list. */
const whole = "a preview's database, ready";

/** How long somebody else may be connected to a database that is to be copied; not at all would be a matter of luck. */
const usualPatience: Millis = 20_000;

/** A database for each preview, on one server. */
export function openPreviewDatabases(server: PreviewServer): PreviewDatabases {
  const { url, installation, ownRoles, patience = usualPatience } = server;
  const strategy = server.copy === "files" ? " strategy file_copy" : "";

  async function create(session: ServerSession, name: string, from: string, as: string): Promise<void> {
    for (const since = performance.now(); ;) {
      const others = from === "template0" ? [] : await connectedTo(session, from);
      const refused = others.length > 0 ? null : await created(session, name, from, as);
      if (refused === undefined) return;
      if (performance.now() - since > patience) throw inUse(from, others, refused);
      await wait(200);
    }
  }

  /** Undefined when it is done; what PostgreSQL said when somebody has connected to what is copied just before. */
  async function created(session: ServerSession, name: string, from: string, as: string): Promise<unknown> {
    try {
      await session.query(`create database ${name} template "${from.replaceAll('"', '""')}"${as}${strategy}`);
      return undefined;
    } catch (thrown) {
      const sql = sqlState(thrown);
      // 55006 is object_in_use, 3D000 invalid_catalog_name.
      if (sql === "55006") return thrown;
      if (sql !== "3D000") throw thrown;
      throw new FairwayError("not_found", `there is no database ${from} to copy`, { cause: thrown });
    }
  }

  /** Nobody can connect to a finished template, so nobody is ever in the way of copying it. */
  async function ensureTemplate(
    session: ServerSession,
    { key, prepare }: Extract<PreviewOrigin, { readonly from: "template" }>,
  ): Promise<string> {
    const name = templateName(installation, key);
    await inTurn(session, name, async () => {
      if (await isThere(session, name)) return;
      const unfinished = unfinishedTemplate(name);
      await dropDatabase(session, unfinished);
      if (ownRoles) await ensureRole(session, unfinished);
      await create(session, unfinished, "template0", ownRoles ? ` owner ${unfinished}` : "");
      try {
        await byCaller(`prepare the template ${name}`, prepare, urlOf(server, unfinished));
      } catch (thrown) {
        await dropDatabase(session, unfinished).catch(unlessGone);
        throw thrown;
      }
      await session.query(`alter database ${unfinished} allow_connections false`);
      await endSessionsOf(session, unfinished);
      await session.query(`alter database ${unfinished} rename to ${name}`);
      if (ownRoles) await session.query(`alter role ${unfinished} rename to ${name}`);
    });
    return name;
  }

  async function sourceOf(session: ServerSession, origin: PreviewOrigin): Promise<string> {
    switch (origin.from) {
      case "nothing":
        return "template0";
      case "template":
        return ensureTemplate(session, origin);
      case "database":
        return origin.name;
    }
  }

  async function make(
    session: ServerSession,
    name: string,
    origin: PreviewOrigin,
    seed: ((url: string) => Promise<void>) | null,
  ): Promise<void> {
    // What is there and does not say that it is whole, a killed try has left.
    await dropDatabase(session, name);
    const source = await sourceOf(session, origin);
    if (ownRoles) await ensureRole(session, name);
    await create(session, name, source, ownRoles ? ` owner ${name}` : "");
    if (ownRoles) {
      await session.query(`revoke connect on database ${name} from public`);
      if (source !== "template0")
        await onServer(
          urlOf({ ...server, ownRoles: false }, name),
          `give ${name} what its template brought`,
          (inside) => inside.query(giveTo(name)),
        );
    }
    if (seed !== null) await byCaller(`seed ${name}`, seed, urlOf(server, name));
    await session.query(`comment on database ${name} is '${whole.replaceAll("'", "''")}'`);
  }

  return {
    ...previewByPlace(server, {
      word: "database",
      address: (name) => urlOf(server, name),
      isWhole,
      make,
      drop: dropDatabase,
    }),

    sweep: (inUse) =>
      onServer(url, "sweep the databases of previews", async (session) => {
        const { rows } = await session.query<{ name: string }>(
          `select datname as name from pg_database union select rolname from pg_roles order by name`,
        );
        const ours = rows
          .map(({ name }) => name)
          .filter((name) => isPreviewOf(installation, name) || isTemplateOf(installation, name));
        const { places, templates } = await inUse();
        const kept = new Set([
          ...places.map((place) => previewDatabaseName(installation, place)),
          ...templates.map((key) => templateName(installation, key)),
          ...templates.map((key) => unfinishedTemplate(templateName(installation, key))),
        ]);
        const dropped: string[] = [];
        for (const name of ours.filter((one) => !kept.has(one)))
          if (await unlessBusy(session, finishedTemplate(name), () => dropDatabase(session, name))) dropped.push(name);
        return dropped;
      }),
  };
}

async function isThere(session: ServerSession, name: string): Promise<boolean> {
  return (await session.query("select from pg_database where datname = $1", [name])).rowCount !== 0;
}

async function isWhole(session: ServerSession, name: string): Promise<boolean> {
  const { rowCount } = await session.query(
    `select from pg_database where datname = $1 and shobj_description(oid, 'pg_database') = $2`,
    [name, whole],
  );
  return rowCount !== 0;
}

/** Takes a database and its role away; false when neither was there. */
async function dropDatabase(session: ServerSession, name: string): Promise<boolean> {
  const hadDatabase = await isThere(session, name);
  if (hadDatabase) await session.query(`drop database if exists ${name} with (force)`);
  const { rowCount: hadRole } = await session.query("select from pg_roles where rolname = $1", [name]);
  if (hadRole !== 0) await session.query(`drop role if exists ${name}`);
  return hadDatabase || hadRole !== 0;
}

const endSessionsOf = async (session: ServerSession, name: string): Promise<void> =>
  void (await session.query("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1", [name]));

async function connectedTo(session: ServerSession, name: string): Promise<readonly string[]> {
  const { rows } = await session.query<{ who: string }>(
    `select coalesce(nullif(application_name, ''), usename, 'somebody') || ' (process ' || pid || ')' as who
       from pg_stat_activity
      where datname = $1 and pid <> pg_backend_pid() and backend_type = 'client backend' order by pid limit 5`,
    [name],
  );
  return rows.map(({ who }) => who);
}

function inUse(name: string, others: readonly string[], cause: unknown): FairwayError {
  const who = others.join(", ") || "somebody";
  return new FairwayError(
    "not_allowed_now",
    `PostgreSQL does not copy ${name} while others are connected to it: ${who}`,
    {
      hint: "let previews begin from migrations and a seed, or from a database that nobody works with",
      retryable: true,
      cause,
    },
  );
}
