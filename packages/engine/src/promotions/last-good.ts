import { stat } from "node:fs/promises";
import type { ImageBuilder, Release, ReleaseId } from "@fairway/core";
import { artifactDirectory } from "../artifacts/store-artifact.ts";
import type { DataDirectory } from "../data-directory.ts";
import type { StandingRelease } from "../store/standing-releases.ts";

/** Where an environment would go back to, and why not to what lies between. */
export interface LastGood {
  /** Null when there is nothing to go back to. */
  readonly release: ReleaseId | null;
  /** Releases that stand before it and cannot be had, a sentence for each. */
  readonly passedOver: readonly string[];
}

/** What is looked at; the present release comes first and is looked at only when it may be brought back itself. */
export interface LastGoodParts {
  readonly standing: readonly StandingRelease[];
  /** Something is being brought to the environment now, so that what stands is what to go back to. */
  readonly alsoPresent: boolean;
  /** Services of a release whose files are gone. */
  readonly missing: (release: ReleaseId) => Promise<readonly string[]>;
}

/** The last release that was verified in an environment, is not in quarantine and can still be had. */
export async function lastGood({ standing, alsoPresent, missing }: LastGoodParts): Promise<LastGood> {
  const [present] = standing;
  const passedOver: string[] = [];
  for (const { release, digest, quarantined } of alsoPresent ? standing : standing.slice(1)) {
    // Another name for what runs is no way back from it.
    if (!alsoPresent && digest === present?.digest) continue;
    const gone = quarantined === null ? await missing(release) : [];
    if (quarantined !== null) passedOver.push(`${release} is in quarantine: ${quarantined}`);
    else if (gone.length > 0) passedOver.push(goneSentence(release, gone));
    else return { release, passedOver };
  }
  return { release: null, passedOver };
}

/** Why a release cannot be brought back. */
export const goneSentence = (release: ReleaseId, services: readonly string[]): string =>
  `what ${release} runs is no longer kept: ${services.join(", ")}`;

/** Services of a release whose files are no longer there. */
export async function missingFiles({ artifacts }: DataDirectory, { parts }: Release): Promise<readonly string[]> {
  const found = await Promise.all(
    parts
      .filter(({ image }) => image === undefined)
      .map(async ({ service, artifact }) =>
        stat(artifactDirectory(artifact, artifacts)).then(
          () => [],
          () => [service],
        ),
      ),
  );
  return found.flat();
}

/**
 * Services of a release whose image this machine's engine no longer has. One that a registry keeps is asked for as the
 * deployment begins: a registry that is away must not be in the way now. Nor must an engine that does not answer.
 */
export async function missingImages(images: ImageBuilder | undefined, { parts }: Release): Promise<readonly string[]> {
  const own = parts.filter(({ image }) => image?.startsWith("localhost/"));
  const found = await Promise.all(
    own.map(async ({ service, artifact }) => {
      const isThere = images?.has(artifact).catch(() => true) ?? true;
      return (await isThere) ? [] : [service];
    }),
  );
  return found.flat();
}
