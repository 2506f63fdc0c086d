import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Digest, ReleaseId } from "../ids.ts";
import type { PushedImage, ReleaseImages } from "./image-retention.ts";
import { removableImages } from "./image-retention.ts";

const image = fc.record({
  image: fc.constantFrom("r.example/api", "r.example/web"),
  digest: fc.integer({ min: 0, max: 9 }).map((n): Digest => `sha256:${String(n).repeat(64)}`),
});
const facts = fc
  .record({
    made: fc.array(fc.array(image, { maxLength: 3 }), { maxLength: 12 }),
    neededPlaces: fc.array(fc.nat({ max: 11 }), { maxLength: 4 }),
    keep: fc.nat({ max: 6 }),
    underway: fc.array(image, { maxLength: 3 }),
  })
  .map(({ made, neededPlaces, keep, underway }) => {
    const releases: readonly ReleaseImages[] = made.map((images, place) => ({
      release: `r${made.length - place}` as ReleaseId,
      images,
    }));
    const needed = new Set(neededPlaces.flatMap((place) => releases[place]?.release ?? []));
    return { releases, needed, keep, underway };
  });
const has = (images: readonly PushedImage[], { image: name, digest }: PushedImage): boolean =>
  images.some((one) => one.image === name && one.digest === digest);

describe("the images that may go", () => {
  test("are never those of a release that is needed, of the newest ones, or of a run that goes on", () => {
    fc.assert(
      fc.property(facts, (given) => {
        const gone = removableImages(given);
        const staying = given.releases.filter(({ release }, place) => place < given.keep || given.needed.has(release));
        for (const kept of [...staying.flatMap(({ images }) => images), ...given.underway])
          expect(has(gone, kept)).toBe(false);
      }),
    );
  });

  test("are all others of releases, each once, and no strangers", () => {
    fc.assert(
      fc.property(facts, (given) => {
        const gone = removableImages(given);
        const ofReleases = given.releases.flatMap(({ images }) => images);
        expect(gone.every((one) => has(ofReleases, one))).toBe(true);
        expect(new Set(gone.map((one) => `${one.image}@${one.digest}`)).size).toBe(gone.length);
        const staying = given.releases.filter(({ release }, place) => place < given.keep || given.needed.has(release));
        const kept = [...staying.flatMap(({ images }) => images), ...given.underway];
        for (const one of ofReleases) expect(has(gone, one)).toBe(!has(kept, one));
      }),
    );
  });

  test("do not become more when more is kept", () => {
    fc.assert(
      fc.property(facts, (given) => {
        const fewer = removableImages({ ...given, keep: given.keep + 1 });
        expect(fewer.every((one) => has(removableImages(given), one))).toBe(true);
      }),
    );
  });
});
