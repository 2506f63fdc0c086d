import type { Quarantine } from "@fairway/core";
import { isSameApartFromFlags } from "@fairway/core";
import type { NewRelease } from "../stages/releases.ts";
import { listQuarantine, quarantineOf } from "../store/quarantine.ts";
import { releaseById } from "../store/releases.ts";
import type { Store } from "../store/store.ts";

/**
 * What keeps a release from being made; null when nothing does. One that differs from a release in quarantine by nothing but
 * how the feature flags stood is the same for that: turning some flag must not bring it back.
 */
export async function quarantineOfMade(
  store: Store,
  { digest, manifest }: Pick<NewRelease, "digest" | "manifest">,
): Promise<Quarantine | null> {
  const own = await quarantineOf(store, digest);
  if (own !== null || manifest === undefined) return own;
  for (const quarantine of await listQuarantine(store)) {
    const held = (await releaseById(store, quarantine.release)).manifest;
    if (held !== undefined && isSameApartFromFlags(held, manifest)) return quarantine;
  }
  return null;
}
