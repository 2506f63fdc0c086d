import type { Digest, ReleaseId } from "../ids.ts";

/** An image that a release put into a registry. */
export interface PushedImage {
  /** With its host: `registry.example.com/shop/api`. */
  readonly image: string;
  readonly digest: Digest;
}

/** A release, as far as its images count. */
export interface ReleaseImages {
  readonly release: ReleaseId;
  readonly images: readonly PushedImage[];
}

/** All that decides which images may go. */
export interface RetentionFacts {
  /** Every release that was made, newest first. */
  readonly releases: readonly ReleaseImages[];
  /** Releases that an environment runs, is moved to, or may go back to. */
  readonly needed: ReadonlySet<ReleaseId>;
  /** Of how many of the newest releases the images stay besides. */
  readonly keep: number;
  /** Images that a run which has not ended has made or takes over, and that are in no release yet. */
  readonly underway: readonly PushedImage[];
}

/**
 * The images that may be taken out of a registry: those of releases alone, since what no release of ours named is somebody
 * else's, and never one that a release that stays has too. Each once, in the order of the releases.
 */
export function removableImages({ releases, needed, keep, underway }: RetentionFacts): readonly PushedImage[] {
  const stays = ({ release }: ReleaseImages, place: number): boolean => place < keep || needed.has(release);
  const kept = new Set([...releases.filter(stays).flatMap(({ images }) => images), ...underway].map(nameOf));
  const gone = new Map(
    releases
      .flatMap(({ images }) => images)
      .filter((image) => !kept.has(nameOf(image)))
      .map((image) => [nameOf(image), image]),
  );
  return [...gone.values()];
}

const nameOf = ({ image, digest }: PushedImage): string => `${image}@${digest}`;
