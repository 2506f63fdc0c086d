import type { ShadowServer } from "@fairway/engine";
import { shadowServerAt } from "@fairway/engine";

/** The server that the environment names for trying migrations; null where it names none. */
export function namedShadowServer(): ShadowServer | null {
  const url = process.env["FAIRWAY_SHADOW_DATABASE_URL"];
  return url ? shadowServerAt(url) : null;
}
