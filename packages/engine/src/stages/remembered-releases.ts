import type { Release, ReleaseId } from "@fairway/core";

/** Releases never change, so what was read once is kept; the newest few hundred are all that is ever asked for again. */
export function rememberedReleases(read: (id: ReleaseId) => Promise<Release>): (id: ReleaseId) => Promise<Release> {
  const known = new Map<ReleaseId, Release>();
  return async (id) => {
    const release = known.get(id) ?? (await read(id));
    known.set(id, release);
    const [oldest] = known.keys();
    if (known.size > 200 && oldest !== undefined) known.delete(oldest);
    return release;
  };
}
