import type { ProjectPreviews } from "@fairway/core";
import type { PreviewDatabases, PreviewOrigin, PreviewServer } from "../databases/preview-databases.ts";
import { openPreviewDatabases } from "../databases/open-preview-databases.ts";
import { openPreviewSchemas } from "../databases/open-preview-schemas.ts";
import type { PreviewPlace } from "../databases/preview-name.ts";
import type { Places } from "../rollouts/places.ts";
import { installationOf } from "../store/installation.ts";
import type { Preview } from "../store/previews.ts";
import { databasesOf, noteDatabase } from "../store/preview-database-rows.ts";
import { previewByName } from "../store/previews.ts";
import type { Store } from "../store/store.ts";

/** Where previews have their databases, without who they are told apart by; null where the environment's own way is taken. */
export type PreviewDatabaseServer = Omit<PreviewServer, "installation"> | null;

/** By its number too: one that comes under the name of one from before begins with nothing of it. */
export const databasePlace = ({ name, id }: Pick<Preview, "name" | "id">, service: string): PreviewPlace => ({
  preview: `${name}-${id}`,
  service,
});

/** The databases of previews, as their settings have them. */
const previewDatabasesOn = (server: PreviewServer, { database }: Pick<ProjectPreviews, "database">): PreviewDatabases =>
  database.per === "schema" ? openPreviewSchemas(server) : openPreviewDatabases(server);

/** The same, told apart from those of other installations on the server by a name that the database of Fairway keeps. */
export function openedPreviewDatabases(
  store: Store,
  server: PreviewDatabaseServer,
): (of: Pick<ProjectPreviews, "database">) => Promise<PreviewDatabases | null> {
  return async (of) => {
    if (server === null) return null;
    return previewDatabasesOn({ ...server, installation: await installationOf(store) }, of);
  };
}

/**
 * Where services find their databases: a preview's is its own, written down before it is made, and any other environment's is
 * as `places` says.
 */
export function databaseUrlIn(
  store: Store,
  places: Places,
  databases: (of: Preview["settings"]) => Promise<PreviewDatabases | null>,
): Places["databaseUrl"] {
  return async (environment, service) => {
    const preview = await previewByName(store, environment);
    const server = preview === null || preview.state === "ended" ? null : await databases(preview.settings);
    if (preview === null || server === null) return places.databaseUrl(environment, service);
    // What is being taken away is not made again: whoever still asks is told where it was.
    if (preview.state === "ending") return server.address(databasePlace(preview, service));
    await noteDatabase(store, preview.id, service);
    const copied = preview.settings.database.copyOf[service];
    const origin: PreviewOrigin = copied === undefined ? { from: "nothing" } : { from: "database", name: copied };
    return server.open(databasePlace(preview, service), origin, null);
  };
}

/** Takes away databases that belong to no preview, by the server's own list. */
export const sweepDatabases = (store: Store, server: PreviewDatabases): Promise<readonly string[]> =>
  server.sweep(async () => ({
    places: (await databasesOf(store, null)).map((one) => databasePlace(one, one.service)),
    templates: [],
  }));
