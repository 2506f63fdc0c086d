import type { ShadowServer } from "@fairway/engine/shadow-server";
import { shadowServerAt, throwawayShadowServer } from "@fairway/engine/shadow-server";

/** The server that the environment names for trying migrations; null where it names none. */
export function namedShadowServer(): ShadowServer | null {
  const url = process.env["FAIRWAY_SHADOW_DATABASE_URL"];
  return url ? shadowServerAt(url) : null;
}

/** Where migrations are tried without a daemon. A package of its own to import: it needs little of Fairway. */
export const shadowServerHere = (): ShadowServer => namedShadowServer() ?? throwawayShadowServer;
