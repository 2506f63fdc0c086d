import type { PreviewDatabaseServer } from "@fairway/engine";

/** The server that the environment names for databases of previews; null where it names none. */
export function namedPreviewServer(): PreviewDatabaseServer {
  const url = process.env["FAIRWAY_PREVIEW_DATABASE_URL"];
  return url ? { url, ownRoles: false } : null;
}
