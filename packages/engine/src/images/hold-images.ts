import type { OpenRegistry, Project, PushedImage } from "@fairway/core";
import { imageNameOf, isInRegistry, removableImages } from "@fairway/core";
import { installationOf } from "../store/installation.ts";
import { imagesUnderway, neededReleases, releaseImages } from "../store/release-images.ts";
import type { Sql } from "../store/store.ts";
import { oneByOne } from "../control/one-by-one.ts";

/** What is needed to hold images. */
export interface HoldImagesParts {
  readonly store: Sql;
  readonly openRegistry: OpenRegistry | undefined;
  /** The newest configuration; null before the first release. */
  readonly project: () => Promise<Project | null>;
  readonly tell: (message: string) => void;
}

/** Images of this many of the newest releases are held where the configuration says nothing. */
const usuallyKept = 50;

/**
 * Has the registry hold the images of releases that an environment runs or may go back to, and of the newest ones, whatever its
 * own rules take away. What it lacks is told. May be repeated.
 */
export async function holdImages({ store, openRegistry, project, tell }: HoldImagesParts): Promise<void> {
  const hold = openRegistry?.hold;
  const { registry } = (await project()) ?? {};
  if (hold === undefined || registry === undefined) return;
  const [releases, needed, underway] = [
    await releaseImages(store),
    await neededReleases(store),
    await imagesUnderway(store),
  ];
  const gone = new Set(removableImages({ releases, needed, keep: registry.keep ?? usuallyKept, underway }).map(nameOf));
  const held = [...releases.flatMap(({ images }) => images), ...underway].filter(
    (image) => isInRegistry(registry, image.image) && !gone.has(nameOf(image)),
  );
  const holder = await installationOf(store);
  await oneByOne(byImage(held), async ([image, digests]) => {
    const name = imageNameOf(image);
    if (name === null) return;
    for (const problem of (await hold(name.host, name.repository, digests, holder)) ?? []) tell(problem);
  });
}

function byImage(images: readonly PushedImage[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { image, digest } of images) found.set(image, [...new Set([...(found.get(image) ?? []), digest])]);
  return found;
}

const nameOf = ({ image, digest }: PushedImage): string => `${image}@${digest}`;
