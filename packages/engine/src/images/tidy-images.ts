import type { Digest, ImageBuilder, Project, PushedImage } from "@fairway/core";
import { isInRegistry, removableImages } from "@fairway/core";
import {
  forgetBuilds,
  imagesUnderway,
  isReleasing,
  neededReleases,
  recordRemoved,
  releaseImages,
} from "../store/release-images.ts";
import { artifactsInUse } from "../store/releases.ts";
import type { Store } from "../store/store.ts";
import type { RegistryParts } from "./registry-access.ts";
import { openedImage } from "./registry-access.ts";

/** What is needed to take images away. */
export interface ImageTidyParts extends RegistryParts {
  readonly store: Store;
  readonly images?: ImageBuilder | undefined;
  /** The newest configuration; null before the first release. */
  readonly project: () => Promise<Project | null>;
}

/** Images of this many of the newest releases stay in the engine: any of them may be deployed again. */
const keptHere = 50;
/** In one round: a registry has other things to do. */
const mostAtOnce = 100;

/**
 * Takes away the images that nobody will ask for again: from the engine of this machine, and from the project's registry
 * where it says how many releases are to stay. May be repeated and interrupted at any point. Answers with how many went.
 */
export async function tidyImages(parts: ImageTidyParts): Promise<{ readonly here: number; readonly registry: number }> {
  const { store, images } = parts;
  const made = await releaseImages(store);
  if (made.every((release) => release.images.length === 0)) return { here: 0, registry: 0 };
  const registry = await tidyRegistry(parts);
  // An image that was built and is in nobody's record yet is a run's; its next step looks for it.
  if (images === undefined || (await isReleasing(store))) return { here: 0, registry };
  return { here: await images.prune(new Set<Digest>(await artifactsInUse(store, keptHere))), registry };
}

async function tidyRegistry(parts: ImageTidyParts): Promise<number> {
  const { store } = parts;
  const { registry } = (await parts.project()) ?? {};
  if (registry?.keep === undefined) return 0;
  const { keep } = registry;
  const removable = async (): Promise<readonly PushedImage[]> => {
    const [releases, needed, underway] = [
      await releaseImages(store),
      await neededReleases(store),
      await imagesUnderway(store),
    ];
    const found = removableImages({ releases, needed, keep, underway });
    return found.filter(({ image }) => isInRegistry(registry, image)).slice(0, mostAtOnce);
  };
  // Twice: what nobody can take over any more is taken away unless somebody has done so meanwhile.
  const first = await removable();
  if (first.length === 0) return 0;
  await forgetBuilds(store, first);
  const second = await removable();
  for (const gone of second) {
    const opened = await openedImage(parts, registry, gone.image);
    await opened.registry.remove(opened.repository, gone.digest);
    await recordRemoved(store, gone);
  }
  return second.length;
}
